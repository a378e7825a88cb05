"""Whether a run's figures add up."""


def tie_out(runs):
    """Compare what runs say with the bills they made.

    Rows are billed, skipped, failed or held back, each in one way; what a row says
    was to bill is the untaxed amount of its bill, or of those of all payers; of a bill
    over several matters their rows together; no entry is on two bills; a billed entry is
    worth what its bill's lines say.

    :param legal.billing.run runs: of operation ``bill``
    :return: sentences about what does not add up; empty: all does
    :rtype: list
    """
    problems = []
    for run in runs:
        lines = run.line_ids
        done = lines.filtered(lambda line: line.state == "done")
        ends = done | lines.filtered(
            lambda line: line.state in ("skipped", "failed", "excluded", "ready")
        )
        if run.queued_count or len(ends) != len(lines):
            problems.append(f"{run.name}: {len(lines) - len(ends)} rows are not done")
        bills = done.bill_id
        alone = done.filtered(lambda line: not line.bill_id.is_together)
        if len(alone.bill_id) != len(alone):
            problems.append(
                f"{run.name}: {len(alone)} rows were billed, {len(alone.bill_id)} bills "
                "exist"
            )
        for bill, rows in done.filtered("bill_id").grouped("bill_id").items():
            members = bill._get_split_set()
            net = sum(
                members.mapped(
                    lambda bill: bill.amount_untaxed + bill.on_account_deducted
                )
            )
            said = sum(rows.mapped("amount"))
            if bill.currency_id.compare_amounts(said, net):
                problems.append(
                    f"{run.name}: {bill.display_name} is {net}, its row says {said}"
                )
        problems += _compare_entries(run, bills)
    return problems


def _compare_entries(run, bills):
    """Each bill's entries carry what its generated lines charge, those of the other
    payers' bills with it; fees that no entry
    carries are the responsible lawyer's, and so is the fee of a subscription."""
    problems = []
    for bill in bills:
        generated = bill._get_split_set().invoice_line_ids.filtered(
            lambda line: (
                line.legal_line_kind not in (False, "subscription", "deduction")
            )
        )
        charged = sum(generated.mapped("price_subtotal"))
        carried = sum(bill.wip_line_ids.mapped("billed_amount"))
        has_entry_fees = any(
            entry.wip_type == "time"
            and entry.bill_behavior == "bill"
            and entry.wip_amount
            for entry in bill.wip_line_ids
        )
        if has_entry_fees and bill.currency_id.compare_amounts(charged, carried):
            problems.append(
                f"{run.name}: the lines of {bill.display_name} charge {charged}, its "
                f"entries {carried}"
            )
    return problems
