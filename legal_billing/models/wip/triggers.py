"""What the database itself refuses, whoever writes: a disbursement whose journal item is
no cost of a client (see ``account_move_line._is_cost_of_client``)."""

#: An expense's item is looked up by name: the column comes with hr_expense.
ENTRY_TRIGGERS = """
CREATE OR REPLACE FUNCTION legal_wip_check_source() RETURNS trigger AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1
          FROM account_move_line item
          JOIN account_move move ON move.id = item.move_id
     LEFT JOIN product_product product ON product.id = item.product_id
     LEFT JOIN product_template template ON template.id = product.product_tmpl_id
         WHERE item.id = NEW.move_line_id
           AND (move.move_type IN ('in_invoice', 'in_refund', 'in_receipt')
                OR (move.move_type = 'entry'
                    AND (template.legal_use = 'disbursement'
                         OR to_jsonb(item) ->> 'expense_id' IS NOT NULL)
                    AND to_jsonb(move) ->> 'legal_payment_id' IS NULL
                    AND to_jsonb(move) ->> 'legal_write_off_id' IS NULL
                    AND to_jsonb(move) ->> 'trust_transaction_id' IS NULL))
    ) THEN
        RAISE EXCEPTION 'A disbursement comes from a vendor bill, an expense, a purchase '
            'or by hand; journal item % is none of these.', NEW.move_line_id
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
                  CONSTRAINT = 'legal_wip_disbursement_has_source';
    END IF;
    RETURN NEW;
END
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS legal_wip_disbursement_made ON account_analytic_line;
CREATE TRIGGER legal_wip_disbursement_made
    BEFORE INSERT ON account_analytic_line FOR EACH ROW
    WHEN (NEW.wip_type = 'disbursement' AND NEW.move_line_id IS NOT NULL)
    EXECUTE FUNCTION legal_wip_check_source();
DROP TRIGGER IF EXISTS legal_wip_disbursement_changed ON account_analytic_line;
CREATE TRIGGER legal_wip_disbursement_changed
    BEFORE UPDATE OF wip_type, move_line_id ON account_analytic_line FOR EACH ROW
    WHEN (NEW.wip_type = 'disbursement' AND NEW.move_line_id IS NOT NULL
          AND (OLD.wip_type IS DISTINCT FROM NEW.wip_type
               OR OLD.move_line_id IS DISTINCT FROM NEW.move_line_id))
    EXECUTE FUNCTION legal_wip_check_source();
"""
