import threading
from functools import partial
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name
from odoo.tools import SQL


class RaceCommon(BaseCase):
    """Real transactions at the same time, each from a snapshot that is older than the
    other's commit. What they commit has to be cleaned up by the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        # The test runner holds the registry's lock; the threads need it
        cls.startClassPatcher(patch.object(Registry, "_lock", DummyRLock()))
        # Retries wait for a random time; here for a short one
        cls.startClassPatcher(
            patch("odoo.service.model.random.uniform", return_value=0.02)
        )

    @classmethod
    def _get_company(cls, env):
        """The database's own company, which the records are made in.

        :rtype: res.company
        """
        company = env.company
        if not company.chart_template:
            raise AssertionError("the database's company has no chart of accounts")
        return company

    @classmethod
    def _commit(cls, make):
        """Do something in a transaction of its own.

        :param callable make: takes the environment
        :return: what it returns; of a record its id
        """
        with cls.registry.cursor() as cr:
            result = make(api.Environment(cr, SUPERUSER_ID, {}))
            return getattr(result, "id", result)

    def _race(self, table, *bodies):
        """Run these at the same time, as requests are run: with retries.

        :param str table: one that all of them have read before any goes on
        :param callable bodies: each takes the environment
        :return: ``[(whether it was done, its result or refusal), …]``
        :rtype: list
        """
        barrier, results = threading.Barrier(len(bodies)), []

        def run(body):
            first = [True]

            def attempt(env):
                env.cr.execute(SQL("SELECT 1 FROM %s LIMIT 1", SQL.identifier(table)))
                if first.pop() if first else False:
                    barrier.wait(10)
                return body(env)

            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                try:
                    results.append((True, retrying(partial(attempt, env), env)))
                except UserError as error:
                    cr.rollback()
                    results.append((False, str(error)))

        threads = [threading.Thread(target=run, args=(body,)) for body in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return results

    def assertOneWins(self, results):
        """Exactly one was done.

        :return: its result, and the refusal of the other
        :rtype: tuple
        """
        won = [text for done, text in results if done]
        lost = [text for done, text in results if not done]
        self.assertEqual((len(won), len(lost)), (1, 1), results)
        return won[0], lost[0]
