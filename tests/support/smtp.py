"""smtp.py - sends a message from any of this host's addresses and says what was answered."""
import contextlib
import smtplib


@contextlib.contextmanager
def connected(server, client="127.0.0.1", port=25, helo="client.example"):
    """A connection that has greeted."""
    with smtplib.SMTP(local_hostname=helo, source_address=(client, 0), timeout=120) as connection:
        connection.connect(server, port)
        connection.ehlo()
        yield connection


def send(server, message, sender, recipients, port=25, client="127.0.0.1", helo="client.example", login=None,
         mail_options=()):
    """(code, text) of the first refusal, or of the answer to the message."""
    with connected(server, client, port, helo) as connection:
        if login:
            connection.login(*login)
        if "SMTPUTF8" in mail_options:
            connection.command_encoding = "utf-8"
        answer = connection.mail(sender, mail_options)
        for recipient in [recipients] if isinstance(recipients, str) else recipients:
            if answer[0] < 300:
                answer = connection.rcpt(recipient)
        if answer[0] < 300:
            answer = connection.data(message)
    return answer[0], answer[1].decode(errors="replace")
