"""One message over one channel, one attempt: HTTP to a robot, SMTP to a mail server. Errors name no address."""

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

import requests
from urllib3.exceptions import NewConnectionError

from orchestration.alerts.errors import RefusedError, TryAgainError
from orchestration.alerts.hooks import posted, refusal
from orchestration.settings.alerts import ResolvedChannel

CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 15.0
MOST_BYTES: Final = 65_536
HIGHEST_TRANSIENT: Final = 499


def send(channel: ResolvedChannel, session: requests.Session, letter: tuple[str, str, str], now: datetime) -> str:
    """Deliver ``letter``, which is a number of its own, a title and a text; raises SendError.

    Says who was left out; empty when nobody was.
    """
    if channel.settings.kind == "email":
        return _mail(channel, letter, now)
    _post(channel, session, f"{letter[1]}\n{letter[2]}", now)
    return ""


def _post(channel: ResolvedChannel, session: requests.Session, text: str, now: datetime) -> None:
    kind = channel.settings.kind
    request = posted(kind, channel.url, channel.secret, text, now)
    try:
        with session.post(
            request.url,
            json=request.body,
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as answer:
            said = next(answer.iter_content(MOST_BYTES), b"").decode(errors="replace")
            status = answer.status_code
    except requests.exceptions.SSLError as error:
        raise RefusedError("its certificate is not valid for this address") from error
    except requests.RequestException as error:
        if _never_connected(error):
            raise TryAgainError(f"no connection ({type(error).__name__})") from error
        # the request may have arrived although the answer did not
        raise TryAgainError(f"no answer ({type(error).__name__})", unclear=True) from error
    refused = refusal(kind, status, said)
    if refused is not None:
        reason, may_help = refused
        raise TryAgainError(reason) if may_help else RefusedError(reason)


def _never_connected(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(cause, NewConnectionError)


def _mail(channel: ResolvedChannel, letter: tuple[str, str, str], now: datetime) -> str:
    settings = channel.settings
    message = _message(channel, letter, now)
    begun = False
    try:
        with _connected(channel) as server:
            if channel.user:
                server.login(channel.user, channel.password)
            begun = True
            left_out = server.send_message(message, settings.sender, list(settings.to))
            begun = False
    except ssl.SSLCertVerificationError as error:
        raise RefusedError("its certificate is not valid for this server") from error
    except smtplib.SMTPRecipientsRefused as error:
        raise RefusedError("it refused every recipient") from error
    except smtplib.SMTPResponseException as error:
        reason = f"it answered {error.smtp_code}"
        raise (TryAgainError if error.smtp_code <= HIGHEST_TRANSIENT else RefusedError)(reason) from error
    except smtplib.SMTPNotSupportedError as error:
        raise RefusedError("it offers no TLS or no login; correct security, or choose another server") from error
    except (smtplib.SMTPException, OSError) as error:
        raise TryAgainError(f"no connection or answer ({type(error).__name__})", unclear=begun) from error
    return f"it refused {len(left_out)} of {len(settings.to)} recipients; the others have it" if left_out else ""


def _connected(channel: ResolvedChannel) -> smtplib.SMTP:
    """A connection under TLS with a verified certificate, unless the settings say that it stays on this machine."""
    settings = channel.settings
    host, port = settings.server or "", settings.port or 0
    if settings.security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=ANSWER_SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=ANSWER_SECONDS)
    if settings.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _message(channel: ResolvedChannel, letter: tuple[str, str, str], now: datetime) -> EmailMessage:
    number, title, text = letter
    message = EmailMessage()
    message["Subject"] = title
    message["From"] = channel.settings.sender
    message["To"] = ", ".join(channel.settings.to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{number}@tieout.invalid>"  # a repetition is the same mail
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="base64")  # every server takes it, whatever it offers
    return message
