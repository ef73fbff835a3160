"""Every file that others wrote, read by the source it is of; the table of results closes the test report."""

import json
from pathlib import Path

import pytest

from connectors.core.inspect import inspect_file
from tests.samples.conftest import SAMPLES

NO_FILES = {"PROVENANCE.md", "bank_file_facts.csv", "xsd", "fields"}
FILES = sorted(
    path.relative_to(SAMPLES).as_posix()
    for path in SAMPLES.rglob("*")
    if path.is_file() and not NO_FILES.intersection(path.relative_to(SAMPLES).parts)
)
OF_FOLDER = {
    "china/alipay": "alipay",
    "china/banks": "bank_csv",
    "china/cmb_direct": "cmb_direct",
    "china/douyin": "douyin",
    "china/jd": "jd",
    "china/pdd": "pdd",
    "china/shouqianba": "shouqianba",
    "china/taobao": "taobao",
    "china/wechat": "wechatpay",
    "china/wechat_channels": "wechat_shop",
    "china/youzan": "youzan",
    "intl/adyen": "adyen",
    "intl/amazon": "amazon",
    "intl/bai2": "bank_bai2",
    "intl/camt": "bank_camt",
    "intl/easypost": "easypost",
    "intl/mt940": "bank_mt940",
    "intl/ofx": "bank_ofx",
    "intl/paypal": "paypal",
    "intl/shippo": "shippo",
    "intl/stripe": "stripe",
    "intl/woocommerce": "woocommerce",
}
OF_FILE = {
    "china/logistics/kuaidi100_signed_2018.json": "kuaidi100",
    "china/logistics/sf_routes_newest_first_2017.json": "sf",
}
KEYS = {"source", "verdict", "reason", "statements", "streams", "quarantine"}


@pytest.mark.samples
@pytest.mark.skipif(not FILES, reason=f"no samples below SAMPLES_DIR ({SAMPLES.parent})")
@pytest.mark.parametrize("name", FILES)
def test_every_sample_is_read_or_refused_with_a_reason_and_taken_for_no_other_source(name, record_property):
    found = inspect_file(SAMPLES / name)
    assert set(found) == KEYS
    json.dumps(found)
    expected = OF_FILE.get(name) or OF_FOLDER.get(str(Path(name).parent))
    assert found["source"] in {expected, None}, f"{name} is taken for a file of {found['source']}"
    assert found["verdict"] in {"ok", "refused"}
    assert found["verdict"] == "ok" or found["reason"]
    rows = sum(len(records) for records in found["streams"].values())
    record_property(
        "sample",
        (
            found["source"] or "–",
            name,
            found["verdict"],
            f"{len(found['statements'])} statements, {rows} records, {len(found['quarantine'])} in quarantine",
            (found["reason"] or "")[:90],
        ),
    )
