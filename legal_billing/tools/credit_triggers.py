"""What the database itself refuses of unallocated credits, whoever writes: ORM, RPC, or
SQL by hand.

- Every posted item on a company's account of credits is of a matter: checked at commit
  for what was posted or changed; items from before this rule stay as they are.
- From the day of an item that takes from a matter's credits, or of a credit that is
  taken away, the matter's credits in that currency are below zero on no day.
- Transactions that take from the credits of one matter write the same row, so that
  the second of two at a time is repeated and sees the first.

Every refusal has the code of a check violation, which Odoo shows as a validation
error.
"""

CREDIT_TABLE = """
CREATE TABLE IF NOT EXISTS legal_credit_lock (
    matter_id integer NOT NULL,
    currency_id integer NOT NULL,
    taken bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (matter_id, currency_id)
)
"""

CREDIT_FUNCTIONS = """
CREATE OR REPLACE FUNCTION legal_credit_lowest(
    matter integer, currency integer, since date
) RETURNS numeric AS $$
    SELECT MIN(running) FROM (
        SELECT line.date, SUM(SUM(-line.amount_currency)) OVER (ORDER BY line.date)
               AS running
          FROM account_move_line line
         WHERE line.matter_id = matter
           AND line.currency_id = currency
           AND line.parent_state = 'posted'
           AND line.account_id IN (
               SELECT legal_unallocated_account_id FROM res_company)
      GROUP BY line.date) days
     WHERE date >= since
$$ LANGUAGE sql STABLE;

CREATE OR REPLACE FUNCTION legal_credit_refuse(
    matter integer, currency integer, since date
) RETURNS void AS $$
DECLARE
    lowest numeric := legal_credit_lowest(matter, currency, since);
BEGIN
    IF lowest < 0 THEN
        RAISE EXCEPTION 'Unallocated credits of matter % would be % on some day.',
            matter, lowest
            USING ERRCODE = 'check_violation', TABLE = 'account_move_line',
                  CONSTRAINT = 'legal_credit_never_below_zero';
    END IF;
END
$$ LANGUAGE plpgsql;

CREATE OR REPLACE FUNCTION legal_credit_check_item() RETURNS trigger AS $$
DECLARE
    item record;
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM res_company WHERE legal_unallocated_account_id = NEW.account_id
    ) THEN
        RETURN NULL;
    END IF;
    SELECT account_id, matter_id, currency_id, date, amount_currency, parent_state
      INTO item FROM account_move_line WHERE id = NEW.id;
    IF item IS NULL OR item.parent_state <> 'posted'
       OR item.account_id <> NEW.account_id THEN
        RETURN NULL;
    END IF;
    IF item.matter_id IS NULL THEN
        RAISE EXCEPTION 'Item % is on the account of unallocated credits and of no '
            'matter.', NEW.id
            USING ERRCODE = 'check_violation', TABLE = 'account_move_line',
                  CONSTRAINT = 'legal_credit_has_matter';
    END IF;
    IF item.amount_currency > 0 THEN
        PERFORM legal_credit_refuse(item.matter_id, item.currency_id, item.date);
    END IF;
    RETURN NULL;
END
$$ LANGUAGE plpgsql;

CREATE OR REPLACE FUNCTION legal_credit_check_withdrawal() RETURNS trigger AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM res_company WHERE legal_unallocated_account_id = OLD.account_id
    ) THEN
        PERFORM legal_credit_refuse(OLD.matter_id, OLD.currency_id, OLD.date);
    END IF;
    RETURN NULL;
END
$$ LANGUAGE plpgsql;

CREATE OR REPLACE FUNCTION legal_credit_lock_matter() RETURNS trigger AS $$
DECLARE
    item record;
BEGIN
    IF TG_NAME = 'legal_credit_is_taken' THEN
        item := NEW;
    ELSE
        item := OLD;
    END IF;
    IF EXISTS (
        SELECT 1 FROM res_company WHERE legal_unallocated_account_id = item.account_id
    ) THEN
        INSERT INTO legal_credit_lock (matter_id, currency_id)
             VALUES (item.matter_id, item.currency_id)
        ON CONFLICT (matter_id, currency_id)
          DO UPDATE SET taken = legal_credit_lock.taken + 1;
    END IF;
    RETURN NULL;
END
$$ LANGUAGE plpgsql;
"""

CREDIT_TRIGGERS = """
DROP TRIGGER IF EXISTS legal_credit_item ON account_move_line;
CREATE CONSTRAINT TRIGGER legal_credit_item
    AFTER INSERT OR UPDATE OF account_id, matter_id, parent_state, amount_currency,
        currency_id, date
    ON account_move_line DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.parent_state = 'posted')
    EXECUTE FUNCTION legal_credit_check_item();
DROP TRIGGER IF EXISTS legal_credit_withdrawal ON account_move_line;
CREATE CONSTRAINT TRIGGER legal_credit_withdrawal
    AFTER UPDATE OF account_id, matter_id, parent_state, amount_currency,
        currency_id, date OR DELETE
    ON account_move_line DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.parent_state = 'posted' AND OLD.matter_id IS NOT NULL
          AND OLD.amount_currency < 0)
    EXECUTE FUNCTION legal_credit_check_withdrawal();
DROP TRIGGER IF EXISTS legal_credit_is_taken ON account_move_line;
CREATE TRIGGER legal_credit_is_taken
    AFTER INSERT OR UPDATE OF account_id, matter_id, parent_state, amount_currency,
        currency_id, date
    ON account_move_line FOR EACH ROW
    WHEN (NEW.parent_state = 'posted' AND NEW.matter_id IS NOT NULL
          AND NEW.amount_currency > 0)
    EXECUTE FUNCTION legal_credit_lock_matter();
DROP TRIGGER IF EXISTS legal_credit_is_withdrawn ON account_move_line;
CREATE TRIGGER legal_credit_is_withdrawn
    AFTER UPDATE OF account_id, matter_id, parent_state, amount_currency,
        currency_id, date OR DELETE
    ON account_move_line FOR EACH ROW
    WHEN (OLD.parent_state = 'posted' AND OLD.matter_id IS NOT NULL
          AND OLD.amount_currency < 0)
    EXECUTE FUNCTION legal_credit_lock_matter();
"""
