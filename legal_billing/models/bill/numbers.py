"""What the database itself holds of the numbers of bills: one that was given is that
bill's for good, whatever becomes of the bill, and no other entry of its journal is ever
posted under it, whoever writes it.

``legal_bill_number`` is filled by a trigger when a bill is posted. The refusal is a
unique violation: core, which looks for the next number until one is free, takes the
next.
"""

#: Named in the refusal.
CONSTRAINT = "legal_bill_number_given_once"

TABLE = """
CREATE TABLE legal_bill_number (
    journal_id integer NOT NULL REFERENCES account_journal ON DELETE CASCADE,
    name varchar NOT NULL,
    move_id integer,
    PRIMARY KEY (journal_id, name)
)
"""

#: Two bills of one number are of the time before: the posted one keeps it.
FILL = """
INSERT INTO legal_bill_number (journal_id, name, move_id)
SELECT journal_id, name, id
  FROM account_move
 WHERE billing_stage IS NOT NULL AND posted_before AND COALESCE(name, '/') <> '/'
 ORDER BY state = 'posted' DESC, id
ON CONFLICT DO NOTHING
"""

TRIGGERS = """
CREATE OR REPLACE FUNCTION legal_bill_number_check() RETURNS trigger AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM legal_bill_number
         WHERE journal_id = NEW.journal_id AND name = NEW.name
           AND move_id IS DISTINCT FROM NEW.id
    ) THEN
        RAISE EXCEPTION 'The number % was given to a bill and is not given again.',
            NEW.name
            USING ERRCODE = 'unique_violation', TABLE = TG_TABLE_NAME,
                  CONSTRAINT = 'legal_bill_number_given_once';
    END IF;
    RETURN NEW;
END
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS legal_bill_number_check ON account_move;
CREATE TRIGGER legal_bill_number_check
    BEFORE INSERT OR UPDATE OF name, state, journal_id ON account_move
    FOR EACH ROW WHEN (NEW.state = 'posted' AND NEW.name <> '/')
    EXECUTE FUNCTION legal_bill_number_check();
CREATE OR REPLACE FUNCTION legal_bill_number_note() RETURNS trigger AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM legal_bill_number
         WHERE journal_id = NEW.journal_id AND name = NEW.name AND move_id = NEW.id
    ) THEN
        INSERT INTO legal_bill_number (journal_id, name, move_id)
        VALUES (NEW.journal_id, NEW.name, NEW.id);
    END IF;
    RETURN NULL;
END
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS legal_bill_number_note ON account_move;
CREATE TRIGGER legal_bill_number_note
    AFTER INSERT OR UPDATE OF name, state, journal_id, billing_stage ON account_move
    FOR EACH ROW WHEN (NEW.state = 'posted' AND NEW.name <> '/'
                       AND NEW.billing_stage IS NOT NULL)
    EXECUTE FUNCTION legal_bill_number_note();
"""
