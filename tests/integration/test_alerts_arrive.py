"""Messages over real sockets: to robots by HTTP, to people by SMTP; and what a run does when they cannot be sent."""

import os
import subprocess
import sys
import time

import dagster as dg
import pytest
import receivers
from typer.testing import CliRunner

from orchestration.alerts import Tools, plan, store_of
from orchestration.cli.main import app
from orchestration.cli.run import failed_steps, tell_of_failure
from orchestration.lib import alerting
from orchestration.lib.alerting import alerts_asset, send_waiting, tell, tell_failure
from orchestration.lib.clock import machine_now
from orchestration.lib.failures import failure_sensor
from orchestration.lib.keys import ALERTS, JOB, PUBLISH, TOLD
from orchestration.lib.progress import Silent
from tests.unit.alerts import teller

ROBOTS = """
[alerts]
default = "dingtalk"
failures = "slack"
[[alerts.channel]]
name = "dingtalk"
kind = "dingtalk"
url = "env:DINGTALK"
secret = "env:DINGTALK_SIGN"
[[alerts.channel]]
name = "wecom"
kind = "wecom"
url = "env:WECOM"
[[alerts.channel]]
name = "feishu"
kind = "feishu"
url = "env:FEISHU"
secret = "env:FEISHU_SIGN"
[[alerts.channel]]
name = "slack"
kind = "slack"
url = "env:SLACK"
"""
MAIL = """
[alerts]
default = "mail"
failures = "mail"
[[alerts.channel]]
name = "mail"
kind = "email"
server = "127.0.0.1"
port = {port}
security = "{security}"
sender = "tieout@example.com"
to = ["finance@example.com", "boss@example.com"]
{login}
"""
LOGIN = 'user = "env:MAIL_USER"\npassword = "env:MAIL_PASSWORD"'
WHO = {"MAIL_USER": "tieout", "MAIL_PASSWORD": "s3cret"}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(alerting, "tools_of", lambda session: Tools(session, machine_now, lambda _: None))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def robot():
    made = receivers.Robot()
    with receivers.robot_at(made) as port:
        made.url = f"http://127.0.0.1:{port}"
        yield made


def hooks(url):
    names = ("DINGTALK", "WECOM", "FEISHU", "SLACK")
    return {
        **{name: f"{url}/{name.lower()}?access_token=t" for name in names},
        "DINGTALK_SIGN": "one",
        "FEISHU_SIGN": "two",
    }


def mailing(folder, port, security="none", login="", environ=None):
    settings = teller.made(folder, MAIL.format(port=port, security=security, login=login), environ or {})
    teller.published(settings, {})
    return settings


def test_the_test_command_reaches_every_robot(tmp_path, robot, monkeypatch):
    settings = teller.made(tmp_path, ROBOTS, hooks(robot.url))
    for name, value in hooks(robot.url).items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(app, ["alerts", "test", "--config", str(settings.path)])
    assert (0, 4) == (done.exit_code, done.output.count("ok    ")), done.output
    assert {"/dingtalk", "/wecom", "/feishu", "/slack"} == {path.split("?")[0] for path, *_ in robot.requests}
    assert {"application/json"} == {kind for _, kind, _ in robot.requests}
    by_path = {path.split("?")[0]: (path, body) for path, _, body in robot.requests}
    assert "&sign=" in by_path["/dingtalk"][0]
    assert {"timestamp", "sign", "msg_type", "content"} == set(by_path["/feishu"][1])
    assert "Channel slack works." in by_path["/slack"][1]["text"]
    robot.answer = (404, {}, b"")
    again = CliRunner().invoke(app, ["alerts", "test", "--channel", "wecom", "--config", str(settings.path)])
    assert (1, "WRONG wecom: HTTP 404\n") == (again.exit_code, again.output)


def test_an_incident_and_a_failed_run_arrive_on_their_own_channels(tmp_path, robot):
    settings = teller.made(tmp_path, ROBOTS, hooks(robot.url))
    teller.published(settings, {})
    assert "" == tell_failure(settings, "r1", "2026-10-03", ["publish"])
    assert "" == tell(settings, teller.MORNING).problem
    titles = [(path.split("?")[0], (body.get("content") or body)["text"]) for path, _, body in robot.requests]
    assert ["/slack", "/slack", "/dingtalk"] == [path for path, _ in titles]
    assert "Run failed: r1" in titles[0][1]
    assert "Runs again: r1" in titles[1][1]
    assert "S2 Local unpaid E104" in titles[2][1]["content"]


def test_a_redirect_is_not_followed(tmp_path, robot):
    with receivers.robot_at(elsewhere := receivers.Robot()) as port:
        robot.answer = (307, {"Location": f"http://127.0.0.1:{port}/stolen"}, b"")
        settings = teller.made(tmp_path, ROBOTS, hooks(robot.url))
        teller.published(settings, {})
        problem = tell(settings, teller.MORNING).problem
    assert "it points elsewhere, which is not followed" in problem
    assert [] == elsewhere.requests


def test_who_hangs_up_is_sent_the_message_again_with_a_word(tmp_path, robot):
    settings = teller.made(tmp_path, ROBOTS, hooks(robot.url))
    teller.published(settings, {})
    robot.answer = (None, {}, b"")
    assert "1 messages wait" in tell(settings, teller.MORNING).problem
    robot.answer = None
    assert "1 messages may have arrived twice" == send_waiting(settings).sentence()
    assert "(May be a repetition" in robot.requests[-1][2]["text"]["content"]


def test_who_is_killed_while_sending_is_followed_by_one_who_sends_again_and_says_so(tmp_path, robot):
    settings = teller.made(tmp_path, ROBOTS, hooks(robot.url))
    teller.published(settings, {})
    plan(settings, settings.alerts, teller.MORNING, teller.now())
    robot.may_answer.clear()
    command = [sys.executable, "-m", "orchestration.cli", "alerts", "send", "--config", str(settings.path)]
    with subprocess.Popen(command, env={**os.environ, **hooks(robot.url)}) as sender:
        until = time.monotonic() + 60
        while not robot.requests and time.monotonic() < until:
            time.sleep(0.05)
        sender.kill()
    robot.may_answer.set()
    assert (1, 1) == ((done := send_waiting(settings)).sent, done.repeated)
    assert [False, True] == ["(May be a repetition" in str(body) for *_, body in robot.requests]
    assert 0 == send_waiting(settings).sent


def test_a_robot_under_tls_is_believed_by_its_certificate_only(tmp_path, monkeypatch):
    context, pem = receivers.certified(tmp_path)
    robot = receivers.Robot()
    with receivers.robot_at(robot, context) as port:
        settings = teller.made(tmp_path, ROBOTS, hooks(f"https://127.0.0.1:{port}"))
        teller.published(settings, {})
        assert "its certificate is not valid for this address" in tell(settings, teller.MORNING).problem
        assert [] == robot.requests
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
        assert (1, "") == ((done := send_waiting(settings)).sent, done.sentence())


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_mail_goes_under_tls_to_a_server_that_proves_who_it_is(tmp_path, monkeypatch, security):
    context, pem = receivers.certified(tmp_path)
    box = receivers.Mailbox(context, starttls=security == "starttls", login=("tieout", "s3cret"))
    with receivers.mailbox_at(box) as port:
        settings = mailing(tmp_path, port, security, LOGIN, WHO)
        assert "its certificate is not valid for this server" in tell(settings, teller.MORNING).problem
        assert ([], []) == (box.mails, box.logins)
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        assert (1, "") == ((done := send_waiting(settings)).sent, done.sentence())
    assert ([True], [("tieout", "s3cret")]) == (box.was_encrypted, box.logins)


def test_a_mail_says_who_sent_it_to_whom_and_what_is_open(tmp_path):
    with receivers.mailbox_at(box := receivers.Mailbox()) as port:
        assert "" == tell(mailing(tmp_path, port), teller.MORNING).problem
    [mail] = box.mails
    assert "[Tieout 账平] To do: S2 Local unpaid E104" == mail["Subject"]
    assert ("tieout@example.com", "finance@example.com, boss@example.com") == (mail["From"], mail["To"])
    assert "Local unpaid E104: 1 open, 12.30 CNY" in mail.get_content()
    assert "SECRET" not in mail.as_string()


def test_a_server_without_tls_gets_neither_password_nor_mail(tmp_path):
    with receivers.mailbox_at(box := receivers.Mailbox(login=("tieout", "s3cret"))) as port:
        settings = mailing(tmp_path, port, "starttls", LOGIN, WHO)
        assert "it offers no TLS" in tell(settings, teller.MORNING).problem
    assert ([], []) == (box.mails, box.logins)


def test_a_repeated_mail_keeps_its_number(tmp_path):
    with receivers.mailbox_at(box := receivers.Mailbox()) as port:
        settings = mailing(tmp_path, port)
        box.hangs_up = True
        assert "1 messages wait" in tell(settings, teller.MORNING).problem
        box.hangs_up = False
        assert 1 == send_waiting(settings).repeated
    assert 1 == len({mail["Message-ID"] for mail in box.mails})
    assert "(May be a repetition" in box.mails[-1].get_content()


def test_a_recipient_who_is_refused_is_told_and_the_others_have_the_mail(tmp_path):
    with receivers.mailbox_at(box := receivers.Mailbox()) as port:
        box.refused = {"boss@example.com"}
        told = tell(mailing(tmp_path, port), teller.MORNING)
        assert (1, 0) == (told.delivery.sent, told.delivery.waiting)
        assert "mail: it refused 1 of 2 recipients; the others have it" == told.problem


def test_a_wrong_password_is_told_without_showing_it(tmp_path):
    with receivers.mailbox_at(receivers.Mailbox(login=("tieout", "other"))) as port:
        problem = tell(mailing(tmp_path, port, login=LOGIN, environ=WHO), teller.MORNING).problem
    assert "it answered 535" in problem
    assert "s3cret" not in problem


class Knows:
    """What the asset needs of a day."""

    def __init__(self, settings):
        self.settings = settings
        self.as_of = teller.MORNING
        self.progress = Silent()


@dg.asset(key=PUBLISH)
def published_before():
    return None


def materialized(settings):
    days = dg.DailyPartitionsDefinition("2026-10-01")
    with dg.instance_for_test() as instance:
        return dg.materialize(
            [*alerts_asset(settings, days), published_before],
            instance=instance,
            partition_key="2026-10-02",
            selection=[ALERTS],
            resources={"day": dg.ResourceDefinition.hardcoded_resource(Knows(settings))},
        )


@pytest.mark.filterwarnings("ignore::dagster.BetaWarning")
def test_dagster_shows_what_was_told_and_fails_no_run_when_nothing_can_be_sent(tmp_path, robot):
    settings = teller.made(tmp_path, ROBOTS, hooks(robot.url))
    teller.published(settings, {})
    robot.answer = (500, {}, b"")
    first = materialized(settings)
    [check] = first.get_asset_check_evaluations()
    assert (True, False, TOLD, False) == (first.success, check.passed, check.check_name, check.blocking)
    assert "1 messages wait" in (check.description or "")
    robot.answer = None
    second = materialized(settings)
    [check] = second.get_asset_check_evaluations()
    [made] = second.asset_materializations_for_node("alerts")
    assert (True, True, 1, 0) == (
        *(second.success, check.passed),
        *(made.metadata[name].value for name in ("sent", "waiting")),
    )


@pytest.mark.filterwarnings("ignore::dagster.BetaWarning")
def test_a_broken_store_fails_no_run(tmp_path, robot):
    settings = teller.made(tmp_path, ROBOTS, hooks(robot.url))
    teller.published(settings, {})
    path = store_of(settings).path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database" * 100)
    assert materialized(settings).success
    assert "messages could not be written or sent (DatabaseError" in tell(settings, teller.MORNING).problem


@dg.op
def broken():
    raise ValueError("SECRET cell of a source")


@pytest.mark.filterwarnings("ignore::dagster.BetaWarning")
def test_a_failed_run_is_told_once_by_whoever_sees_it_first_and_names_its_steps_only(tmp_path, robot):
    settings = teller.made(tmp_path, ROBOTS, hooks(robot.url))
    job = dg.GraphDefinition(JOB, node_defs=[broken]).to_job()
    with dg.instance_for_test() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        event, failed = result.get_run_failure_event(), result.dagster_run
        context = dg.build_run_status_sensor_context("failed_runs", event, instance, failed).for_run_failure()
        failure_sensor(settings)(context)
        tell_of_failure(settings, result.run_id, "", failed_steps(result))
    [(path, _, body)] = robot.requests
    assert ("/slack", True) == (path.split("?")[0], f"Run failed: {result.run_id}" in body["text"])
    assert "Failed: broken" in body["text"]
    assert "SECRET" not in str(body)


def test_without_the_section_there_is_no_asset_and_nothing_is_told(tmp_path):
    settings = teller.made(tmp_path, "", {})
    assert () == alerts_asset(settings, dg.DailyPartitionsDefinition("2026-10-01"))
    assert ("", "") == (tell(settings, teller.MORNING).problem, tell_failure(settings, "r", "", ()))
    assert not store_of(settings).path.exists()


def test_the_commands_show_what_waits_send_it_and_keep_silent_by_a_persons_word(tmp_path, robot, monkeypatch):
    settings = teller.made(
        tmp_path, ROBOTS, hooks(robot.url), people="person,roles,limit_amount,public_key\nlin,RA,,\n"
    )
    for name, value in hooks(robot.url).items():
        monkeypatch.setenv(name, value)
    teller.published(settings, {})
    robot.answer = (500, {}, b"")
    tell(settings, teller.MORNING)

    def says(*words):
        done = CliRunner().invoke(app, ["alerts", *words, "--config", str(settings.path)])
        return done.exit_code, done.output

    code, output = says("list")
    number = output.split()[0]
    assert 0 == code
    assert "S2 E104 wechat_main: 1 open, 12.30 CNY; told RA" in output
    assert "waits: [Tieout 账平] To do: S2 Local unpaid E104; HTTP 500" in output
    assert 3 == says("send")[0]
    robot.answer = None
    assert (0, "1 sent, 0 waiting\n") == says("send")
    code, output = says("snooze", number[:8], "--until", "2026-10-08", "--as", "lin")
    assert (0, True) == (code, output.startswith(f"no message about {number} before 2026-10-08"))
    tell(settings, teller.MORNING)
    assert "snoozed until 2026-10-08" in says("list")[1]
    assert (2, True) == ((done := says("snooze", number, "--until", "2026-10-08", "--as", "eve"))[0], "eve" in done[1])
    assert 2 == says("snooze", "0" * 32, "--until", "2026-10-08", "--as", "lin")[0]
    assert 2 == says("snooze", number, "--until", "tomorrow", "--as", "lin")[0]


@pytest.mark.parametrize(
    "command", [("test",), ("list",), ("send",), ("snooze", "x", "--until", "2026-10-08", "--as", "lin")]
)
def test_the_commands_need_the_section(tmp_path, command):
    settings = teller.made(tmp_path, "", {})
    done = CliRunner().invoke(app, ["alerts", *command, "--config", str(settings.path)])
    assert (2, True) == (done.exit_code, "has no [alerts]" in done.output)
