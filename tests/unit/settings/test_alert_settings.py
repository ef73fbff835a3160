"""``[alerts]`` is read strictly: secrets from the environment, safe addresses only, and no address in an error."""

import pytest

from orchestration.settings import SettingsError, load

SHOP = 'start_date = 2026-10-01\n[[connection]]\nname = "shop"\nsource = "files"\npath = "inbox"\nstore = "shop"\n'
HEAD = '[alerts]\ndefault = "a"\nfailures = "a"\n'
ROBOT = '[[alerts.channel]]\nname = "a"\nkind = "dingtalk"\nurl = "env:HOOK"\n'
MAIL = (
    '[[alerts.channel]]\nname = "a"\nkind = "email"\nserver = "smtp.example.com"\n'
    'sender = "tieout@example.com"\nto = ["finance@example.com"]\n'
)


@pytest.fixture
def read(tmp_path):
    def reading(text, environ=None):
        path = tmp_path / "tieout.toml"
        path.write_text(SHOP + text, encoding="utf-8")
        return load(path, environ or {})

    return reading


def test_without_the_section_nobody_is_told(read):
    assert read("").alerts is None


def test_defaults_are_filled_in(read):
    alerts = read(HEAD + ROBOT).alerts
    assert ("S3", None, 20, ()) == (alerts.severity, alerts.escalate_to, alerts.most, alerts.routes)
    [mail] = read(HEAD + MAIL).alerts.channels
    assert ("tls", 465) == (mail.security, mail.port)
    assert 587 == read(HEAD + MAIL + 'security = "starttls"\n').alerts.channels[0].port


def test_a_persons_route_wins_over_the_roles_and_that_over_the_default(read):
    routes = "".join(f'[[alerts.route]]\nowner = "{owner}"\nchannel = "{owner.lower()}"\n' for owner in ("RA", "lin"))
    more = "".join(ROBOT.replace('"a"', f'"{name}"') for name in ("ra", "lin"))
    alerts = read(HEAD + 'escalate_to = "FM"\n' + ROBOT + more + routes + 'escalate_to = "mei"\n').alerts
    assert ["lin", "ra", "a"] == [alerts.channel_of(*owner) for owner in (("lin", "RA"), ("wang", "RA"), ("FM", "FM"))]
    assert ["mei", "FM", None] == [alerts.second_of(*owner) for owner in (("lin", "RA"), ("wang", "RA"), ("FM", "FM"))]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD, r"\[alerts\] channel: is missing"),
        (HEAD.replace('default = "a"\n', "") + ROBOT, r"\[alerts\] default: is missing"),
        (HEAD.replace('failures = "a"', 'failures = "b"') + ROBOT, "failures: 'b' is not allowed; use one of a"),
        (HEAD + 'severity = "S5"\n' + ROBOT, "severity: 'S5' is not allowed"),
        (HEAD + "most = 0\n" + ROBOT, "most: 0 is not allowed"),
        (HEAD + "mail = 1\n" + ROBOT, "mail: unknown key"),
        (HEAD + ROBOT + ROBOT, "two channels are named a"),
        (HEAD + ROBOT + "colour = 1\n", r"\[\[alerts.channel\]\] a colour: unknown key"),
        (HEAD + ROBOT.replace("dingtalk", "sms"), "kind: 'sms' is not allowed"),
        (HEAD + ROBOT.replace("env:HOOK", "https://oapi.dingtalk.com/robot/send?access_token=t"), "is no reference"),
        (HEAD + ROBOT + 'secret = "hush"\n', "secret: is no reference"),
        (HEAD + ROBOT.replace("dingtalk", "wecom") + 'secret = "env:S"\n', "only dingtalk and feishu sign"),
        (HEAD + ROBOT.replace('url = "env:HOOK"\n', ""), "url: is missing"),
        (HEAD + ROBOT + 'server = "x"\n', "server: belongs to another kind of channel; dingtalk takes"),
        (HEAD + MAIL + 'url = "env:HOOK"\n', "url: belongs to another kind of channel; email takes"),
        (HEAD + MAIL + 'security = "none"\n', "'none' is allowed on 127.0.0.1 only"),
        (HEAD + MAIL + 'user = "env:U"\n', "password: is missing; user and password come together"),
        (HEAD + MAIL + 'password = "hush"\nuser = "env:U"\n', "password: is no reference"),
        (HEAD + MAIL.replace('["finance@example.com"]', "[]"), "to: is missing"),
        (HEAD + MAIL.replace("finance@", "finance\\r@"), "is no e-mail address"),
        (HEAD + MAIL.replace("finance@example.com", "a@x.example, b@x.example"), "is no e-mail address"),
        (HEAD + ROBOT + '[[alerts.route]]\nowner = "RA"\nchannel = "z"\n', r"route\]\] number 1 channel: 'z'"),
        (HEAD + ROBOT + '[[alerts.route]]\nowner = "RA"\nchannel = "a"\n' * 2, "two routes are for RA"),
        ("[alerts]\nchannel = 1\n", "must be written as"),
    ],
)
def test_what_is_not_allowed_is_named(read, text, said):
    with pytest.raises(SettingsError, match=said):
        read(text)


@pytest.mark.parametrize(
    ("url", "more", "said"),
    [
        ("", "", "the environment variable HOOK is not set"),
        ("http://oapi.dingtalk.com/SECRET", "", "plain http is allowed on 127.0.0.1 only"),
        ("https://evil.example/SECRET", "", 'is no host of dingtalk; add allow_hosts = ["evil.example"]'),
        ("https://notoapi.dingtalk.com.evil.example/SECRET", "", "is no host of dingtalk"),
        ("https://user:SECRET@oapi.dingtalk.com/", "", "holds no address of the form"),
        ("ftp://oapi.dingtalk.com/SECRET", "", "holds no address of the form"),
        ("https://oapi.dingtalk.com/SECRET\r\n", "", "holds no address of the form"),
        ("https://[SECRET", "", "holds no address of the form"),
        ("https://oapi.dingtalk.com/SECRET", "", None),
        ("https://evil.example/SECRET", 'allow_hosts = ["evil.example"]\n', None),
        ("http://127.0.0.1:8080/SECRET", "", None),
        ("http://localhost/SECRET", "", None),
    ],
)
def test_an_address_is_safe_and_shows_in_no_error(read, url, more, said):
    settings = read(HEAD + ROBOT + more, {"HOOK": url})
    if said is None:
        [channel] = settings.alerts.resolve_all(settings.path, settings.environ)
        assert (url, False) == (channel.url, "SECRET" in repr(channel))
        return
    with pytest.raises(SettingsError) as error:
        settings.alerts.resolve_all(settings.path, settings.environ)
    assert said in str(error.value)
    assert "SECRET" not in str(error.value)
