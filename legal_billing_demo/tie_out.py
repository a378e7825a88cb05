"""Whether a run's figures add up."""


def tie_out(runs):
    """Compare what runs say with the bills they made.

    Rows are billed, skipped, failed or held back, each in one way; what a row says
    was to bill is the untaxed amount of its bill, or of those of all payers; no entry is
    on two bills; a billed entry is worth what its bill's lines say.

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
        if len(bills) != len(done):
            problems.append(
                f"{run.name}: {len(done)} rows were billed, {len(bills)} bills exist"
            )
        for line in done.filtered("bill_id"):
            members = line.bill_id._get_split_set()
            net = sum(
                members.mapped(
                    lambda bill: bill.amount_untaxed + bill.on_account_deducted
                )
            )
            if line.currency_id.compare_amounts(line.amount, net):
                problems.append(
                    f"{run.name}: {line.bill_id.display_name} is {net}, its row says "
                    f"{line.amount}"
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
