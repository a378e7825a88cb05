"""What the database itself refuses, whoever writes: ORM, RPC, or SQL by hand.

- A line of a ledger never changes (but for the day on which a deposit cleared, set
  once) and never goes.
- A balance is the sum of its lines, no day of a ledger is below zero, and a matter has
  one currency and one company: checked at commit, for lines and balances alike.
- A posted movement keeps its figures; its journal entry stays posted and as it is.
- Money goes to the office for delivered, posted bills of the one matter only. Of a bill
  over several matters it pays no more than the matter's part, less what the matter's
  money, credits and credit notes paid of it before; transactions that do so write the
  bill's row, so that the second of two at a time is repeated and sees the first.

Every refusal has the code of a check violation, which Odoo shows as a validation
error.
"""

LEDGER_FUNCTION = """
CREATE OR REPLACE FUNCTION legal_trust_check_ledger() RETURNS trigger AS $$
DECLARE
    ledger numeric;
    held numeric;
    lowest numeric;
BEGIN
    SELECT COALESCE(SUM(amount), 0) INTO ledger FROM legal_trust_line
     WHERE matter_id = NEW.matter_id AND journal_id = NEW.journal_id;
    SELECT COALESCE(SUM(balance), 0) INTO held FROM legal_trust_balance
     WHERE matter_id = NEW.matter_id AND journal_id = NEW.journal_id;
    IF held <> ledger THEN
        RAISE EXCEPTION 'Client money of matter % is %, its ledger says %.',
            NEW.matter_id, held, ledger
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
                  CONSTRAINT = 'legal_trust_balance_is_ledger';
    END IF;
    SELECT MIN(running) INTO lowest FROM (
        SELECT SUM(SUM(amount)) OVER (ORDER BY date) AS running
          FROM legal_trust_line
         WHERE matter_id = NEW.matter_id AND journal_id = NEW.journal_id
      GROUP BY date) days;
    IF lowest < 0 THEN
        RAISE EXCEPTION 'Client money of matter % would be % on some day.',
            NEW.matter_id, lowest
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
                  CONSTRAINT = 'legal_trust_never_below_zero';
    END IF;
    IF EXISTS (
        SELECT 1 FROM legal_trust_line
         WHERE matter_id = NEW.matter_id
           AND (currency_id <> NEW.currency_id OR company_id <> NEW.company_id)
    ) OR EXISTS (
        SELECT 1 FROM project_project
         WHERE id = NEW.matter_id AND company_id IS DISTINCT FROM NEW.company_id
    ) THEN
        RAISE EXCEPTION 'Client money of matter % has one currency and one company.',
            NEW.matter_id
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
                  CONSTRAINT = 'legal_trust_one_currency';
    END IF;
    RETURN NULL;
END
$$ LANGUAGE plpgsql
"""

#: Who signs a reconciliation writes the rows of its ledgers and the client account's own.
#: The first money of a matter makes a row that a signature of the same time cannot see:
#: it writes the account's row, too, and one of the two tries again. Later money does
#: not, so that deposits do not wait for each other.
BALANCE_TRIGGER = """
CREATE OR REPLACE FUNCTION legal_trust_tell_signers() RETURNS trigger AS $$
BEGIN
    UPDATE account_journal SET write_date = write_date
     WHERE id IN (SELECT journal_id FROM made);
    RETURN NULL;
END
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS legal_trust_balance_is_new ON legal_trust_balance;
CREATE TRIGGER legal_trust_balance_is_new
    AFTER INSERT ON legal_trust_balance REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION legal_trust_tell_signers();
DROP TRIGGER IF EXISTS legal_trust_balance_is_ledger ON legal_trust_balance;
CREATE CONSTRAINT TRIGGER legal_trust_balance_is_ledger
    AFTER INSERT OR UPDATE OF balance, matter_id, journal_id, currency_id, company_id
    ON legal_trust_balance DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION legal_trust_check_ledger();
"""

LINE_TRIGGERS = """
CREATE OR REPLACE FUNCTION legal_trust_keep_line() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.cleared_on IS NULL AND
       (NEW.matter_id, NEW.journal_id, NEW.amount, NEW.date, NEW.transaction_id,
        NEW.company_id, NEW.currency_id) IS NOT DISTINCT FROM
       (OLD.matter_id, OLD.journal_id, OLD.amount, OLD.date, OLD.transaction_id,
        OLD.company_id, OLD.currency_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Line % of a client money ledger stays as it is; reverse it.', OLD.id
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
              CONSTRAINT = 'legal_trust_line_stays';
END
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS legal_trust_line_stays ON legal_trust_line;
CREATE TRIGGER legal_trust_line_stays
    BEFORE UPDATE OF matter_id, journal_id, amount, date, cleared_on, transaction_id,
        company_id, currency_id OR DELETE
    ON legal_trust_line FOR EACH ROW EXECUTE FUNCTION legal_trust_keep_line();
DROP TRIGGER IF EXISTS legal_trust_line_is_balance ON legal_trust_line;
CREATE CONSTRAINT TRIGGER legal_trust_line_is_balance
    AFTER INSERT ON legal_trust_line DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION legal_trust_check_ledger();
"""

TRANSACTION_TRIGGERS = """
CREATE OR REPLACE FUNCTION legal_trust_keep_transaction() RETURNS trigger AS $$
BEGIN
    IF OLD.state NOT IN ('posted', 'reversed') THEN
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND
       (NEW.kind, NEW.matter_id, NEW.to_matter_id, NEW.amount, NEW.date, NEW.journal_id,
        NEW.currency_id, NEW.company_id, NEW.move_id, NEW.posted_by_id, NEW.posted_on,
        NEW.prepared_by_id, NEW.reversed_id, NEW.name) IS NOT DISTINCT FROM
       (OLD.kind, OLD.matter_id, OLD.to_matter_id, OLD.amount, OLD.date, OLD.journal_id,
        OLD.currency_id, OLD.company_id, OLD.move_id, OLD.posted_by_id, OLD.posted_on,
        OLD.prepared_by_id, OLD.reversed_id, OLD.name)
       AND (NEW.state = OLD.state OR (OLD.state, NEW.state) = ('posted', 'reversed'))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Movement % of client money is posted; reverse it.', OLD.name
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
              CONSTRAINT = 'legal_trust_transaction_stays';
END
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS legal_trust_transaction_stays ON legal_trust_transaction;
CREATE TRIGGER legal_trust_transaction_stays
    BEFORE UPDATE OR DELETE ON legal_trust_transaction
    FOR EACH ROW EXECUTE FUNCTION legal_trust_keep_transaction();
"""

#: What a matter has paid of its part of a bill over several: client money by its
#: transfers, matched or not, credits and credit notes by what is matched.
PART_FUNCTION = """
CREATE OR REPLACE FUNCTION legal_trust_taken_of_part(
    bill integer, matter integer, own_row integer
) RETURNS numeric AS $$
    SELECT COALESCE((
        SELECT SUM(paid.amount) FROM legal_trust_bill paid
          JOIN legal_trust_transaction movement ON movement.id = paid.transaction_id
         WHERE paid.bill_id = bill AND paid.id IS DISTINCT FROM own_row
           AND movement.matter_id = matter AND movement.state = 'posted'
    ), 0) + COALESCE((
        SELECT SUM(match.debit_amount_currency)
          FROM account_partial_reconcile match
          JOIN account_move_line owed ON owed.id = match.debit_move_id
          JOIN account_move_line item ON item.id = match.credit_move_id
          JOIN account_move entry ON entry.id = item.move_id
     LEFT JOIN legal_payment slip ON slip.id = entry.legal_payment_id
         WHERE owed.move_id = bill AND slip.source IS DISTINCT FROM 'client_account'
           AND (item.matter_id = matter OR entry.move_type = 'out_refund'
                AND NOT EXISTS (
                    SELECT 1 FROM account_move_line line
                     WHERE line.move_id = entry.id AND line.display_type = 'product'
                       AND line.matter_id IS DISTINCT FROM matter))
    ), 0)
$$ LANGUAGE sql STABLE;
"""

BILL_TRIGGERS = """
CREATE OR REPLACE FUNCTION legal_trust_check_bill() RETURNS trigger AS $$
DECLARE
    movement legal_trust_transaction%ROWTYPE;
    bill account_move%ROWTYPE;
    part numeric;
    taken numeric;
BEGIN
    SELECT * INTO movement FROM legal_trust_transaction WHERE id = NEW.transaction_id;
    SELECT * INTO bill FROM account_move WHERE id = NEW.bill_id;
    IF bill.move_type <> 'out_invoice' OR bill.state <> 'posted'
       OR bill.delivered_on IS NULL OR bill.delivered_day IS NULL
       OR bill.delivered_day > movement.date THEN
        RAISE EXCEPTION 'Bill % was not delivered when client money was to pay it.',
            bill.name
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
                  CONSTRAINT = 'legal_trust_delivered_bills_only';
    END IF;
    IF EXISTS (
        SELECT 1 FROM account_move_line
         WHERE move_id = bill.id AND matter_id IS DISTINCT FROM movement.matter_id
           AND display_type = 'product'
    ) THEN
        UPDATE account_move SET write_date = write_date WHERE id = bill.id;
        part := (bill.matter_parts ->> movement.matter_id::text)::numeric;
        IF part IS NULL THEN
            SELECT SUM(price_total) INTO part FROM account_move_line
             WHERE move_id = bill.id AND matter_id = movement.matter_id
               AND display_type = 'product';
        END IF;
        IF part IS NULL THEN
            RAISE EXCEPTION 'Bill % is not of matter %.', bill.name, movement.matter_id
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
                      CONSTRAINT = 'legal_trust_same_matter_only';
        END IF;
        taken := legal_trust_taken_of_part(bill.id, movement.matter_id, NEW.id);
        IF NEW.amount + taken > part THEN
            RAISE EXCEPTION 'Bill %: the part of matter % is %, of which % is paid; % is '
                'more.', bill.name, movement.matter_id, part, taken, NEW.amount
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
                      CONSTRAINT = 'legal_trust_own_part_only';
        END IF;
    END IF;
    RETURN NEW;
END
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS legal_trust_delivered_bills_only ON legal_trust_bill;
CREATE TRIGGER legal_trust_delivered_bills_only
    BEFORE INSERT OR UPDATE OF transaction_id, bill_id, amount ON legal_trust_bill
    FOR EACH ROW EXECUTE FUNCTION legal_trust_check_bill();
CREATE OR REPLACE FUNCTION legal_trust_keep_bill() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'Bill % stays on its transfer of client money.', OLD.bill_id
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
              CONSTRAINT = 'legal_trust_bill_stays';
END
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS legal_trust_bill_stays ON legal_trust_bill;
CREATE TRIGGER legal_trust_bill_stays
    BEFORE UPDATE OF transaction_id, bill_id, amount OR DELETE ON legal_trust_bill
    FOR EACH ROW EXECUTE FUNCTION legal_trust_keep_bill();
"""

MOVE_TRIGGERS = """
CREATE OR REPLACE FUNCTION legal_trust_keep_move() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND
       (NEW.state, NEW.date, NEW.journal_id, NEW.trust_transaction_id)
       IS NOT DISTINCT FROM
       (OLD.state, OLD.date, OLD.journal_id, OLD.trust_transaction_id)
       AND (COALESCE(OLD.name, '/') = '/' OR NEW.name = OLD.name) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Entry % is of client money and stays posted; reverse its movement.',
        OLD.name
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
              CONSTRAINT = 'legal_trust_move_stays';
END
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS legal_trust_move_stays ON account_move;
CREATE TRIGGER legal_trust_move_stays
    BEFORE UPDATE OF state, date, journal_id, trust_transaction_id, name OR DELETE
    ON account_move FOR EACH ROW
    WHEN (OLD.trust_transaction_id IS NOT NULL AND OLD.state = 'posted')
    EXECUTE FUNCTION legal_trust_keep_move();
"""

MOVE_LINE_TRIGGERS = """
CREATE OR REPLACE FUNCTION legal_trust_keep_item() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND
       (NEW.account_id, NEW.matter_id, NEW.balance, NEW.amount_currency, NEW.move_id,
        NEW.date, NEW.trust_transaction_id) IS NOT DISTINCT FROM
       (OLD.account_id, OLD.matter_id, OLD.balance, OLD.amount_currency, OLD.move_id,
        OLD.date, OLD.trust_transaction_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Item % is of client money and stays; reverse its movement.', OLD.id
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
              CONSTRAINT = 'legal_trust_item_stays';
END
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS legal_trust_item_stays ON account_move_line;
CREATE TRIGGER legal_trust_item_stays
    BEFORE UPDATE OF account_id, matter_id, balance, amount_currency, move_id, date,
        trust_transaction_id OR DELETE
    ON account_move_line FOR EACH ROW
    WHEN (OLD.trust_transaction_id IS NOT NULL AND OLD.parent_state = 'posted')
    EXECUTE FUNCTION legal_trust_keep_item();
"""
