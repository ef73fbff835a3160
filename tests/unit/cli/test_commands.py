import json
import os
import subprocess
import sys

from typer.testing import CliRunner

from orchestration.cli.doctor import reached
from orchestration.cli.inspection import closes
from orchestration.cli.main import app

RUN = CliRunner()
HEAVY_IMPORTS = {"dagster", "dagster_dbt", "dbt", "pandas", "pyarrow"}


def statement(**figures):
    return {"opening_balance": "10.00", "closing_balance": "12.50", "in_sum": "5.00", "out_sum": "2.50", **figures}


def test_balances_close_or_do_not_or_are_not_stated():
    assert closes(statement()) is True
    assert closes(statement(closing_balance="12.51")) is False
    assert closes(statement(opening_balance=None)) is None


def test_inspect_needs_no_settings_and_either_verdict_is_an_answer(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("order_no,status,ordered_at,goods_amount,buyer_paid\nA1,paid,2026-10-01T10:00:00,1.00,1.00\n")
    result = RUN.invoke(app, ["inspect", str(path), "--json"])
    assert 0 == result.exit_code
    assert ("files", "ok") == (json.loads(result.stdout)["source"], json.loads(result.stdout)["verdict"])
    path.write_text("nothing at all")
    result = RUN.invoke(app, ["inspect", str(path), "--json"])
    assert (0, "refused") == (result.exit_code, json.loads(result.stdout)["verdict"])
    assert json.loads(result.stdout)["reason"]


def test_inspect_of_no_file_or_no_source_is_wrong_usage(tmp_path):
    assert 2 == RUN.invoke(app, ["inspect", str(tmp_path / "none.csv")]).exit_code
    (tmp_path / "a.csv").touch()
    assert 2 == RUN.invoke(app, ["inspect", str(tmp_path / "a.csv"), "--source", "nobody"]).exit_code


def test_init_writes_something_to_start_from_and_never_over_it(tmp_path):
    assert 0 == RUN.invoke(app, ["init", str(tmp_path)]).exit_code
    assert (tmp_path / "tieout.toml").is_file()
    assert (tmp_path / "rules" / "fee_rules.csv").is_file()
    assert 2 == RUN.invoke(app, ["init", str(tmp_path)]).exit_code


def test_doctor_names_what_is_wrong(tmp_path):
    RUN.invoke(app, ["init", str(tmp_path)])
    config = tmp_path / "tieout.toml"
    result = RUN.invoke(app, ["doctor", "--config", str(config)])
    assert result.exit_code in {0, 2}
    config.write_text(config.read_text(encoding="utf-8") + "\nnonsense = 1\n", encoding="utf-8")
    result = RUN.invoke(app, ["doctor", "--config", str(config)])
    assert 2 == result.exit_code
    assert "nonsense" in result.stderr


def test_an_address_that_nobody_serves_is_named():
    check = reached("connection x", "http://127.0.0.1:1/x")
    assert check.wrong is not None
    assert "does not answer" in check.wrong


def test_verify_before_the_first_run_says_so(tmp_path):
    RUN.invoke(app, ["init", str(tmp_path)])
    config = (tmp_path / "tieout.toml").read_text(encoding="utf-8")
    (tmp_path / "tieout.toml").write_text(config.replace('data_dir = "data"', 'data_dir = "none"'), encoding="utf-8")
    result = RUN.invoke(app, ["verify", "--config", str(tmp_path / "tieout.toml")])
    assert 2 == result.exit_code
    assert "first tieout run" in result.stderr


def test_help_and_look_ups_load_neither_dagster_nor_dbt():
    code = (
        "import sys, orchestration.cli.main, orchestration.cli.query, orchestration.cli.order\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert set() == HEAVY_IMPORTS & set(done.stdout.split())


def test_a_run_whose_credentials_are_not_set_pulls_nothing_and_says_which(tmp_path):
    config = tmp_path / "tieout.toml"
    config.write_text(
        'data_dir = "data"\nstart_date = 2026-09-26\n\n[[connection]]\nname = "wechat"\nsource = "wechatpay"\n'
        'account = "wechat"\ncredentials = { mch_id = "env:NOT_SET_A", serial_no = "env:NOT_SET_B",'
        ' private_key = "env:NOT_SET_C" }\n',
        encoding="utf-8",
    )
    result = RUN.invoke(app, ["run", "--config", str(config), "--as-of", "2026-09-28T10:30:00+08:00"])
    assert 2 == result.exit_code
    assert "NOT_SET_A" in result.stderr
    assert not (tmp_path / "data" / "landing").exists()
