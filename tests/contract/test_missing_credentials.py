"""A credential that is missing names itself, whichever stream of whichever source lacks it."""

from dataclasses import replace

import pytest

from connectors.core.errors import NotAuthorized
from connectors.core.protocol import Number
from connectors.core.registry import NAMES, source_named

NEEDED = [(source, name) for source in map(source_named, NAMES) for name in source.credentials]
CARRIERS = {"easypost": "UPS", "kuaidi100": "圆通速递", "sf": "顺丰速运", "shippo": "DHL"}
FROM_FILES_ONLY = {("douyin", "insurance"), ("jd", "bills")}


@pytest.mark.parametrize(("source", "missing"), [pytest.param(*one, id=f"{one[0].name}-{one[1]}") for one in NEEDED])
def test_a_missing_credential_names_itself(desk, connect, source, missing):
    rest = {name: "known" for name in source.credentials if name != missing}
    numbers = (Number("1", CARRIERS.get(source.name)),)
    connection = replace(connect(source.name, **rest), base_url="https://shop.example", numbers=numbers)
    for stream in source.streams:
        if (source.name, stream.name) not in FROM_FILES_ONLY:
            with pytest.raises(NotAuthorized, match=f"lacks credential {missing}; set it") as raised:
                desk.fetch(stream, connection)
            assert (source.name, stream.name, desk.day) == (
                raised.value.source,
                raised.value.stream,
                raised.value.window,
            )
    assert [] == desk.source.requests
