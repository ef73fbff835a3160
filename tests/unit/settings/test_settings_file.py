"""The settings file: strict, with defaults, and with errors that say where and what is allowed."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.core.registry import NAMES
from orchestration.settings import SettingsError, init_files, load

SHOP = """
start_date = 2026-10-01
[[connection]]
name = "shop"
source = "files"
path = "inbox"
store = "shop"
"""


@pytest.fixture
def read(tmp_path):
    def reading(text, environ=None):
        path = tmp_path / "tieout.toml"
        path.write_text(text, encoding="utf-8")
        return load(path, environ or {})

    return reading


def test_what_init_writes_can_be_read(tmp_path):
    written = init_files(tmp_path)
    settings = load(tmp_path / "tieout.toml", {})
    assert {"taobao", "alipay", "wechatpay", "files", "bank_camt"} == set(settings.sources)
    assert ("all", 2000) == (settings.sandbox.faults, settings.sandbox.orders_per_day)
    assert settings.privacy_key == (tmp_path / "data/keys/privacy.key").read_text().strip()
    assert 0o600 == (tmp_path / "data/keys/privacy.key").stat().st_mode & 0o777
    assert (tmp_path / "rules/fee_rules.csv") in written
    with pytest.raises(SettingsError, match="exists already"):
        init_files(tmp_path)


def test_defaults_are_filled_in(read, tmp_path):
    settings = read(SHOP)
    assert ("zh", "Asia/Shanghai", "CNY") == (settings.language, settings.timezone.key, settings.base_currency)
    assert (tmp_path / "data", date(2026, 10, 1)) == (settings.data_dir, settings.start_date)
    connection = settings.connections[0]
    assert ("platform", "none", "own_site", "main") == (
        *(connection.role, connection.expect, connection.platform, connection.entity),
    )
    assert tmp_path / "inbox" == connection.path


def test_a_store_of_a_spreadsheet_gets_a_channel_of_its_own(read):
    settings = read(SHOP)
    assert ("channel", ("shop",)) == (settings.stores[0].money, settings.stores[0].payments)
    assert ("shop", "channel") == (settings.accounts[0].code, settings.accounts[0].kind)
    assert "shop" == settings.connections[0].account


def test_a_connection_that_names_both_ties_store_and_account(read):
    settings = read(SHOP + 'account = "pay"\nplatform = "own_site"\n')
    assert ("pay",) == settings.stores[0].payments
    platform = read(SHOP + 'account = "wallet"\nplatform = "pdd"\n')
    assert ("platform", "wallet") == (platform.stores[0].money, platform.stores[0].settles_into)
    assert ("pdd", "101204") == (platform.accounts[0].platform, platform.accounts[0].ledger_account)


def test_decimals_are_decimals(read):
    settings = read(SHOP + "[parameters]\namount_tol = 0.05\nsync_hours = 12\n")
    assert (Decimal("0.05"), 12, Decimal("0.01")) == (
        *(settings.parameters.amount_tol, settings.parameters.sync_hours, settings.parameters.fee_tol_txn),
    )


def test_the_environment_moves_the_data(read, tmp_path):
    assert tmp_path / "else" == read(SHOP, {"TIEOUT_DATA_DIR": str(tmp_path / "else")}).data_dir


def test_the_privacy_key_may_come_from_the_environment(read):
    text = SHOP + '[privacy]\nkey = "env:PRIVATE"\n'
    assert "k" == read(text, {"PRIVATE": "k"}).privacy_key
    with pytest.raises(SettingsError, match="PRIVATE is not set"):
        read(text)
    with pytest.raises(SettingsError, match="env:NAME"):
        read(SHOP + '[privacy]\nkey = "secret"\n')


WRONG = {
    "unknown key; allowed are": 'colour = "red"\n' + SHOP,
    "[[connection]] shop sort: unknown key": SHOP + 'sort = "a"\n',
    f"is not allowed; use one of {', '.join(NAMES)}": SHOP.replace('"files"', '"amazonia"'),
    "names must be unique": SHOP + SHOP.partition("2026-10-01")[2],
    "write a date such as": "\n" + SHOP.partition("2026-10-01")[2],
    "is no date": SHOP.replace("2026-10-01", '"2026-10-01"', 1),
    "is no time zone": 'timezone = "Mars/Base"\n' + SHOP,
    "three capitals": 'base_currency = "Yuan"\n' + SHOP,
    "is no folder": 'rules_dir = "nowhere"\n' + SHOP,
    "unknown parameter; allowed are": SHOP + "[parameters]\namount = 1\n",
    "more than two decimals": SHOP + "[parameters]\namount_tol = 0.001\n",
    "whole number of 0 or more": SHOP + "[parameters]\nsync_hours = 1.5\n",
    "use one of confirmed, signed": SHOP + '[parameters]\nrecognition_point = "paid"\n',
    "provision_rate: is missing": SHOP + '[parameters]\nprovision_mode = "on"\n',
    "is no valid TOML": SHOP + "oops\n",
    "is no [[account]]; there are": SHOP + '[[store]]\ncode = "shop"\nplatform = "pdd"\nsettles_into = "gone"\n',
    "is no [[store]]; use one of other": SHOP + '[[store]]\ncode = "other"\nplatform = "pdd"\n',
    "is no [[entity]]": SHOP + '[[entity]]\ncode = "HQ"\n[[store]]\ncode = "shop"\nplatform = "pdd"\nentity = "X"\n',
    "is no stream; allowed are": SHOP + '[connection.files]\nsales = "*.csv"\n',
    "is no column of orders": SHOP + '[connection.mapping.orders]\nnumber = "No"\n',
    "exactly one of column": SHOP + '[connection.mapping.orders]\norder_no = { map = { a = "b" } }\n',
    "plain decimal": SHOP + '[connection.mapping.orders]\nbuyer_paid = { column = "x", scale = "1/100" }\n',
    "encryption of the archive": SHOP + '[archive]\nencryption_key = "env:K"\n',
    "must be a number above 0": SHOP + "[connection.options]\nrequests_per_second = 0\n",
    "must be a whole hour": SHOP + "[connection.options]\nfunds_ready_hour = 24\n",
    "must be a whole number from 1 to 120": SHOP + "[connection.options]\nhistory_months = 0\n",
    "must be true or false": SHOP + '[connection.options]\nrunning_balance = "no"\n',
    "codes to currencies": SHOP + '[connection.options]\ncurrency_codes = { "32" = "dollar" }\n',
    "it must be given as text": SHOP.replace('name = "shop"', ""),
    "path: is missing": SHOP.replace('path = "inbox"', ""),
}


@pytest.mark.parametrize("message", WRONG)
def test_what_is_wrong_is_named(read, message):
    with pytest.raises(SettingsError) as caught:
        read(WRONG[message])
    assert message in str(caught.value)
    assert "tieout.toml" in str(caught.value)


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(SettingsError, match="tieout init"):
        load(Path(tmp_path / "none.toml"), {})


BILL = """
start_date = 2026-10-01
[[connection]]
name = "pay"
source = "wechatpay"
account = "pay"
credentials = { mch_id = "env:M", serial_no = "env:S", private_key = "env:P" }
"""


def test_secrets_come_from_the_environment_and_only_when_needed(read):
    connection = read(BILL).connections[0]
    assert {"env:M", "env:S", "env:P"} == set(connection.credentials.values())
    with pytest.raises(SettingsError, match=r"serial_no \(S\)"):
        connection.resolve({"M": "1", "P": "pem"}, None)
    resolved = connection.resolve({"M": "1", "S": "2", "P": "pem"}, "http://127.0.0.1:1")
    assert ("pem", None, "CNY") == (resolved.credentials["private_key"], resolved.base_url, resolved.currency)
    assert "pem" not in repr(resolved)


def test_a_literal_secret_is_refused(read):
    with pytest.raises(SettingsError, match="secrets stay out of this file"):
        read(BILL.replace('"env:P"', '"pem"'))
    with pytest.raises(SettingsError, match="misses private_key"):
        read(BILL.replace(', private_key = "env:P"', ""))
    with pytest.raises(SettingsError, match="unknown credential"):
        read(BILL.replace("mch_id", "mchid"))


def test_the_sandbox_answers_for_connections_without_an_address(read):
    connection = read(BILL + "[sandbox]\nseed = 7\n").connections[0]
    environ = dict.fromkeys("MSP", "x")
    assert "http://127.0.0.1:81/wechatpay" == connection.resolve(environ, "http://127.0.0.1:81/").base_url
    own = BILL + 'base_url = "http://127.0.0.1:9/wechatpay"\n[sandbox]\n'
    assert "http://127.0.0.1:9/wechatpay" == read(own).connections[0].resolve(environ, "http://127.0.0.1:81").base_url


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://api.mch.weixin.qq.com", "plain http is allowed on 127.0.0.1 only"),
        ("https://proxy.example", "allow_hosts"),
        ("ftp://127.0.0.1", "no address of the form"),
        ("https://user@127.0.0.1/", "no address of the form"),
        ("http://127.0.0.1.evil.example/", "plain http"),
    ],
)
def test_an_unsafe_address_is_refused(read, url, message):
    with pytest.raises(SettingsError, match=message):
        read(BILL + f'base_url = "{url}"\n')


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ('{ carriers = ["优速"] }', "carriers: must be a table"),
        ('{ carriers = { "优速" = 7 } }', "must map a carrier's name to its code"),
        ("{ requests_per_second = 0 }", "must be a number above 0"),
        ("{ funds_ready_hour = 24 }", "from 0 to 23"),
        ('{ codes = { A1005 = "busy" } }', "limited, failed, unauthorised, refused"),
        ("{ batch_size = 0 }", "from 1 to 100"),
        ("{ colour = 1 }", "colour"),
    ],
)
def test_an_option_that_cannot_be_is_named(read, options, message):
    with pytest.raises(SettingsError, match=message):
        read(BILL + f"options = {options}\n")


def test_carriers_are_a_table_of_names_and_codes(read):
    [connection] = read(BILL + 'options = { carriers = { "优速" = "youshuwuliu" } }\n').connections
    assert {"优速": "youshuwuliu"} == connection.options["carriers"]


def test_a_named_host_is_allowed(read):
    text = BILL + 'base_url = "https://proxy.example/pay"\nallow_hosts = ["proxy.example"]\n'
    assert "https://proxy.example/pay" == read(text).connections[0].base_url


@pytest.mark.parametrize(("written", "meant"), [("true", "all"), ("false", "none"), ('["a"]', ("a",))])
def test_faults_of_the_sandbox(read, written, meant):
    assert meant == read(BILL + f"[sandbox]\nfaults = {written}\n").sandbox.faults


def test_a_section_that_nothing_reads_yet_is_named(tmp_path: Path) -> None:
    file = tmp_path / "tieout.toml"
    file.write_text(SHOP + "\n[ui]\nbehind_proxy = true\n", encoding="utf-8")
    assert ("ui",) == load(file, {}).without_effect


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://keeper:secret@host/books", "holds a password"),
        ("env:NOT_THERE", "NOT_THERE is not set"),
        ("mysql://host/books", "is no address of PostgreSQL"),
    ],
)
def test_an_address_of_decisions_is_postgresql_and_holds_no_password(tmp_path, url, said):
    file = tmp_path / "tieout.toml"
    file.write_text(f'{SHOP}\n[decisions]\nurl = "{url}"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        load(file, {})


def test_a_password_of_decisions_comes_from_the_environment_and_does_not_show(tmp_path):
    file = tmp_path / "tieout.toml"
    file.write_text(f'{SHOP}\n[decisions]\nurl = "env:BOOKS"\n', encoding="utf-8")
    settings = load(file, {"BOOKS": "postgresql://keeper:secret@host/books"})
    assert "postgresql://keeper:secret@host/books" == settings.decisions_url
    assert "secret" not in repr(settings)
