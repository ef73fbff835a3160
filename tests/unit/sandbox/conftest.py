"""Worlds for the sandbox's own tests: small, in process, without sockets."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import requests

from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.app import Sandbox
from connectors.sandbox.keys import credentials, sign_rsa
from connectors.sandbox.world import WorldConfig

BASE = "http://sandbox.test"
FIRST_DAY = date(2026, 9, 24)
BEIJING = timezone(timedelta(hours=8))


class Merchant:
    """Asks the sandbox like a merchant would, with signatures written here from the sources' documents."""

    def __init__(self, sandbox, keys):
        self.sandbox, self.keys = sandbox, keys
        self.session = requests.Session()
        self.session.mount(BASE, SandboxAdapter(sandbox))

    @property
    def clock(self):
        """The machine's: a suite may last longer than a signature is good for."""
        return datetime.now(UTC)

    def at(self, text):
        answer = self.session.post(f"{BASE}/_sandbox/time", json={"as_of": text})
        assert answer.status_code == 200, answer.text
        return self

    def weather(self, *entries):
        assert self.session.post(f"{BASE}/_sandbox/weather", json={"weather": list(entries)}).status_code == 200

    def taobao(self, method, sign_method="hmac-sha256", secret=None, **parameters):
        form = {
            "method": method,
            "app_key": self.keys["TMALL_KEY"],
            "session": self.keys["TMALL_SESSION"],
            "timestamp": self.clock.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            "format": "json",
            "v": "2.0",
            "sign_method": sign_method,
        } | parameters
        text = "".join(f"{name}{form[name]}" for name in sorted(form))
        key = secret or self.keys["TMALL_SECRET"]
        if sign_method == "md5":
            sign = hashlib.md5(f"{key}{text}{key}".encode()).hexdigest()  # noqa: S324 - the platform's choice
        else:
            digest = {"hmac": "md5", "hmac-sha256": "sha256"}[sign_method]
            sign = hmac.new(key.encode(), text.encode(), digest).hexdigest()
        return self.session.post(f"{BASE}/taobao/router/rest", data=form | {"sign": sign.upper()})

    def taobao_pages(self, method, day, fields, stem, item):
        """Every row of a day's window, walked backwards."""
        window = {"start_modified": f"{day} 00:00:00", "end_modified": f"{day} 23:59:59"}
        rows = []
        head = self.taobao(method, fields=fields, page_size="100", page_no="1", **window).json()
        total = next(iter(head.values()))["total_results"]
        for page in range(-(-total // 100), 0, -1):
            answer = self.taobao(method, fields=fields, page_size="100", page_no=str(page), **window).json()
            rows += next(iter(answer.values()))[stem][item]
        return rows

    def alipay_query(self, kind, day, **changed):
        form = {
            "app_id": self.keys["ALIPAY_APP_ID"],
            "method": "alipay.data.dataservice.bill.downloadurl.query",
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": self.clock.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "biz_content": json.dumps({"bill_type": kind, "bill_date": str(day)}),
        }
        text = "&".join(f"{name}={form[name]}" for name in sorted(form))
        form["sign"] = base64.b64encode(sign_rsa(self.keys["ALIPAY_PRIVATE_KEY"], text.encode())).decode()
        return self.session.post(f"{BASE}/alipay/gateway.do", data=form | changed)

    def alipay_bill(self, kind, day):
        answer = self.alipay_query(kind, day).json()["alipay_data_dataservice_bill_downloadurl_query_response"]
        if answer["code"] == "40004":
            return None
        bill = self.session.get(answer["bill_download_url"])
        assert 200 == bill.status_code, bill.text
        return bill.content

    def wechat_get(self, target, key=None):
        stamp, nonce = str(int(self.clock.timestamp())), "n0nce"
        text = f"GET\n{target}\n{stamp}\n{nonce}\n\n".encode()
        sign = base64.b64encode(sign_rsa(key or self.keys["WECHAT_PRIVATE_KEY"], text)).decode()
        header = (
            f'WECHATPAY2-SHA256-RSA2048 mchid="{self.keys["WECHAT_MCH_ID"]}",nonce_str="{nonce}",signature="{sign}",'
            f'timestamp="{stamp}",serial_no="{self.keys["WECHAT_SERIAL_NO"]}"'
        )
        return self.session.get(f"{BASE}{target}", headers={"Authorization": header})

    def wechat_bill(self, kind, day, more=""):
        answer = self.wechat_get(f"/wechatpay/v3/bill/{kind}?bill_date={day}{more}")
        if answer.status_code != 200:
            return None
        return self.wechat_get(answer.json()["download_url"].removeprefix(BASE)).content


@pytest.fixture(scope="session")
def keys_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sandbox-keys")


@pytest.fixture(scope="session")
def config(keys_folder):
    # an auditor in process is faster than the limit that a merchant meets
    return WorldConfig(
        seed=7,
        first_day=FIRST_DAY,
        last_day=FIRST_DAY + timedelta(days=10),
        folder=keys_folder,
        requests_per_second=100_000,
    )


@pytest.fixture(scope="session")
def merchant_of(tmp_path_factory, config):
    def make(**changed):
        folder = tmp_path_factory.mktemp("drops")
        drops = {"files": folder / "files", "bank_camt": folder / "bank"}
        sandbox = Sandbox(replace(config, drops=drops, **changed), sleep=lambda _: None)
        return Merchant(sandbox, credentials(config.folder))

    return make


@pytest.fixture(scope="session")
def calm(merchant_of):
    """A small world without faults, after all its days."""
    return merchant_of(orders_per_day=200, faults="none").at("2026-10-12T10:30:00+08:00")


@pytest.fixture(scope="session")
def stormy(merchant_of):
    """The same world with every fault."""
    return merchant_of(orders_per_day=200, faults="all").at("2026-10-12T10:30:00+08:00")


@pytest.fixture
def merchant(calm):
    """The calm world for one test, which may move its time and spoil its weather."""
    yield calm
    calm.weather()
    calm.at("2026-10-12T10:30:00+08:00")
