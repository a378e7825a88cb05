"""Why each mutant of the engine that survives is none that a test should notice."""

SAME, SLOWER, KEPT, UNSEEN = "Same result", "Only slower", "Never asked", "Not shown"
#: What an answer is about, in the order of the page.
KINDS = {
    SAME: "The changed line comes to the same in every case.",
    SLOWER: "The result is the same, the way to it is longer.",
    KEPT: "Something that the code before makes sure of is asked again, or not.",
    UNSEEN: "Nobody sees the difference.",
}
ANY_STRICT = ("every", "zip", "strict=…", None)
_ZERO = "at nothing both ways give nothing"
_WHOLE = "steps are whole numbers: below one is nothing or less, " + _ZERO
_SET = "each place is written before it is read"

#: (module, function, line, changed line; None: however it is changed) → (kind, why).
ANSWERS = {
    ANY_STRICT: (
        KEPT,
        "both lists are made from the same one; `strict` is for whoever changes that",
    ),
    (
        "money",
        "spread",
        "negative = (product < 0) != (base < 0)",
        None,
    ): (SAME, "the sign of a part of nothing; the base is never 0 here"),
    ("money", "spread", "step = 1 if left > 0 else -1", None): (
        SAME,
        "asked only where something is left",
    ),
    (
        "money",
        "spread",
        "-abs(weights[i]) if ties_by_weight else 0,",
        "-abs(weights[i]) if ties_by_weight else 1,",
    ): (SAME, "the same figure for all is no order"),
    (
        "money",
        "spread_or_equal",
        "return spread(total, weights if sum(weights) else [1] * len(weights))",
        "return spread(total, weights if sum(weights) else [2] * len(weights))",
    ): (SAME, "equal weights are equal"),
    (
        "money",
        "largest_remainder",
        "scale = Decimal(1).scaleb(min((w.as_tuple().exponent for w in weights), default=0))",
        "scale = Decimal(1).scaleb(min((w.as_tuple().exponent for w in weights), default=1))",
    ): (SAME, "without weights there is nothing to scale, and the split is refused"),
    (
        "money",
        "largest_remainder",
        "result = [Decimal(0)] * len(numbers)",
        "result = [Decimal(1)] * len(numbers)",
    ): (SAME, _SET),
    ("apportion", "apportion", "if part + credit", "if part - credit"): (
        SAME,
        "a bill has a part, a credit note a credit, none has both",
    ),
    ("apportion", "payable_of", "if amount < 0:", "if amount <= 0:"): (SAME, _ZERO),
    (
        "apportion",
        "_by_element",
        "i: [0] * len(bill.elements)",
        "i: [1] * len(bill.elements)",
    ): (SAME, _SET),
    ("apportion", "_allocate", "if steps < 0 or elements is None:", None): (
        KEPT,
        "a bill that gets nothing has no allocation",
    ),
    (
        "apportion",
        "_allocate",
        "elements, left = [0] * len(names), sign * steps",
        "elements, left = [1] * len(names), sign * steps",
    ): (SAME, _SET),
    (
        "exact",
        "find_combinations",
        "half = len(amounts) // 2",
        "half = len(amounts) // 3",
    ): (SLOWER, "any cut finds the same combinations, the middle the quickest"),
    (
        "fees",
        "apply_discount",
        'if terms.discount_type == "none" or not terms.discount_value or fees <= 0:',
        'if terms.discount_type == "none" or not terms.discount_value or fees < 0:',
    ): (SAME, "of fees of nothing the discount is nothing"),
    ("fees", "apply_abatement", "if above <= 0:", "if above < 0:"): (
        SAME,
        "of nothing the abatement is nothing",
    ),
    ("quote", "apply_quote", "short = 0", "short = None"): (
        SAME,
        "nothing is short, whichever nothing it is",
    ),
}
