"""A real SMTP server on the loopback interface, for tests that send."""

import socket
from contextlib import contextmanager
from email import message_from_bytes, policy
from unittest.mock import patch

from aiosmtpd.controller import Controller


class Mailbox:
    """Takes what it is sent; refuses addresses on request.

    ``messages`` are ``(recipients, EmailMessage)`` in the order they came in.
    """

    def __init__(self):
        self.messages = []
        self.refused = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.messages.append((list(envelope.rcpt_tos), message))
        return "250 OK"

    def get_recipients(self):
        """Addresses that got mail, one entry per delivery, sorted.

        :rtype: list
        """
        return sorted(address for to, _message in self.messages for address in to)

    def get_pdfs(self):
        """The PDFs that came attached, in order.

        :rtype: list
        """
        return [
            part.get_content()
            for _to, message in self.messages
            for part in message.iter_attachments()
            if part.get_content_type() == "application/pdf"
        ]


class Server(Controller):
    """On a port that the system finds free."""

    def __init__(self, mailbox):
        super().__init__(mailbox, hostname="127.0.0.1", port=0)

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        socket.create_connection((self.hostname, self.port), 5).close()


@contextmanager
def smtp_server(env):
    """Run a mail server and make Odoo send through it; only Odoo's own block of
    sending in tests is lifted.

    :param odoo.api.Environment env:
    :return: the server's mailbox
    :rtype: Mailbox
    """
    mailbox = Mailbox()
    controller = Server(mailbox)
    controller.start()
    env["ir.mail_server"].search([]).active = False
    env["ir.mail_server"].create(
        {
            "name": "Loopback",
            "smtp_host": "127.0.0.1",
            "smtp_port": controller.port,
            "smtp_encryption": "none",
        }
    )
    server_class = env.registry["ir.mail_server"]
    try:
        with patch.object(server_class, "_disable_send", return_value=False):
            yield mailbox
    finally:
        controller.stop()
