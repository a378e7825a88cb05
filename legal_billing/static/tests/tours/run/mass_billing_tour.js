import {rpc} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {delay} from "@web/core/utils/concurrency";
import {stepUtils} from "@web_tour/tour_utils";

const openPage = (name) => [
    stepUtils.goToAppSteps(
        "legal_billing.legal_billing_menu_root",
        "Open Legal Billing"
    ),
    {
        content: `Open ${name}`,
        trigger: `.o_menu_sections [data-menu-xmlid='legal_billing.legal_billing_menu_${name}']`,
        run: "click",
    },
];

const steps = (...parts) => ({steps: () => parts.flat(2)});
const tours = registry.category("web_tour.tours");

tours.add(
    "legal_billing_mass_billing",
    steps(openPage("mass_billing"), [
        {
            content: "Three matters are ready",
            trigger: ".o_legal_run_strip .o_legal_total_value:contains('3 ready')",
        },
        {
            content: "An age bar filters the list",
            trigger: ".o_legal_pick_age_more",
            run: "click",
        },
        {
            content: "Only the old matter is left",
            trigger:
                ".o_list_renderer:has(.o_data_row:contains('Old lease')):not(:has(.o_data_row:contains('Smith v Jones')))",
        },
        {
            content: "The waterfall leads back to all ready ones",
            trigger: ".o_legal_step_to_bill",
            run: "click",
        },
        {
            content: "Ask why a matter is not here",
            trigger: ".o_legal_why input",
            run: "edit Retainer",
        },
        {
            content: "It answers, though the matter is archived",
            trigger: ".o_legal_answers:contains('archived')",
        },
        {
            content: "Forget it",
            trigger: ".o_legal_why input",
            run: "clear",
        },
        {
            content: "Choose a saved selection",
            trigger: ".o_legal_selection_toggle",
            run: "click",
        },
        {
            content: "The one that is shared",
            trigger: ".o_legal_selection_item:contains('Month end')",
            run: "click",
        },
        {
            content: "It leaves the small matter out",
            trigger: ".o_legal_run_strip .o_legal_total_value:contains('2 ready')",
        },
        {
            content: "The header says which selection it is",
            trigger: ".o_legal_selection_toggle:contains('Month end')",
        },
        {
            content: "Open the pre-bill",
            trigger: ".o_data_row:contains('Smith v Jones') .o_data_cell:eq(1)",
            run: "click",
        },
        {
            content: "Show the paper",
            trigger:
                ".o_legal_paper:not(.o_legal_paper_open) .o_legal_paper_toggle, .o_legal_paper_open .o_legal_paper_sheet",
            run: "click",
        },
        {
            content: "The bill that is not made yet, with the call",
            trigger: "iframe.o_legal_paper_sheet[srcdoc*='Draft bill'][srcdoc*='Call']",
        },
        {
            content: "Leave the call out this time",
            trigger:
                ".o_form_view .o_data_row:contains('Call') button[name='action_prebill']:first",
            run: "click",
        },
        {
            content: "The bill is smaller at once",
            trigger: ".o_form_view .o_field_widget[name='amount']:contains('600.00')",
        },
        {
            content: "The paper follows",
            trigger:
                "iframe.o_legal_paper_sheet[srcdoc*='Letter']:not([srcdoc*='Call'])",
        },
        {
            content: "Re-narrate the letter in place",
            trigger:
                ".o_form_view .o_data_row:contains('Letter') td[name='bill_narrative']",
            run: "click",
        },
        {
            content: "What the client reads",
            trigger:
                ".o_selected_row [name='bill_narrative'] textarea, .o_selected_row [name='bill_narrative'] input",
            run: "edit Letter to the landlord",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Bill it now",
            trigger: ".o_form_saved button[name='action_bill_now']",
            run: "click",
        },
        {
            content: "The window states amount and what is worth a look",
            trigger: ".modal:contains('600.00'):contains('first bill')",
        },
        {
            content: "Make the draft",
            trigger: ".modal button[name='action_bill']",
            run: "click",
        },
        {
            content: "It is in Draft Bills",
            trigger: ".o_legal_bill_strip:contains('1 bill')",
        },
    ])
);

tours.add(
    "legal_billing_bill_together",
    steps(openPage("mass_billing"), [
        {
            content: "Three matters of one client",
            trigger: ".o_legal_run_strip .o_legal_total_value:contains('3 ready')",
        },
        {
            content: "Bill all",
            trigger: ".o_legal_bill_all:enabled",
            run: "click",
        },
        {
            content: "Make the draft",
            trigger: ".modal button[name='action_bill']:enabled",
            run: "click",
        },
        {
            content: "It is one",
            trigger: ".o_legal_bill_strip:contains('1 bill')",
        },
        {
            content: "It says of how many matters; open it",
            trigger:
                "body:not(:has(.modal)) .o_data_row:contains('3 matters') .o_data_cell:eq(2)",
            run: "click",
        },
        {
            content: "Its lines",
            trigger: ".o_form_view .o_notebook .nav-link:contains('Lines and tax')",
            run: "click",
        },
        {
            content: "Take the second matter out",
            trigger:
                ".o_form_view .o_data_row:contains('Patent') button[name='action_take_matter_out']",
            run: "click",
        },
        {
            content: "It is gone, the others stay",
            trigger:
                ".o_form_view [name='invoice_line_ids']:has(.o_data_row:contains('Lease')):has(.o_data_row:contains('Tax')):not(:has(.o_data_row:contains('Patent')))",
        },
    ])
);

tours.add(
    "legal_billing_run",
    steps(openPage("runs"), [
        {
            content: "Open the run that half failed",
            trigger: ".o_data_row:contains('RUN/') .o_data_cell:eq(0)",
            run: "click",
        },
        {
            content: "The failures are one group with its words",
            trigger:
                ".o_legal_failures tr:contains('Income account is archived'):contains('Notarial fees')",
        },
        {
            content: "The books are mended: retry this group",
            trigger: ".o_legal_failures .o_legal_retry",
            run: "click",
        },
        {
            content: "All of them are drafts now",
            trigger: ".o_legal_bill_strip:contains('2 bills')",
        },
        ...openPage("runs"),
        {
            content: "Open the run again",
            trigger: ".o_data_row:contains('RUN/') .o_data_cell:eq(0)",
            run: "click",
        },
        {
            content: "Undo it",
            trigger: "button[name='action_open_undo']",
            run: "click",
        },
        {
            content: "The window names the draft that somebody worked on",
            trigger: ".modal:contains('agreed amount')",
        },
        {
            content: "Take the other one back",
            trigger: ".modal button[name='action_undo']",
            run: "click",
        },
        {
            content: "One draft is left",
            trigger: ".o_legal_bill_strip:contains('1 bill')",
        },
    ])
);

tours.add(
    "legal_billing_bill_production",
    steps(openPage("production"), [
        {
            content: "What will happen is told per bill",
            trigger: ".o_data_row:contains('e-mail + 1 copy')",
        },
        {
            content: "Those that reach nobody are a filter",
            trigger: ".o_legal_bill_strip .o_legal_total:contains('reach nobody')",
            run: "click",
        },
        {
            content: "One of them",
            // the list is read anew: a row ticked before would not be ticked then
            trigger:
                ".o_list_renderer:not(:has(.o_data_row:contains('e-mail + 1 copy'))) .o_data_row:contains('nothing: no address')",
        },
        {
            content: "Tick it",
            trigger: ".o_data_row .o_list_record_selector input",
            run: "click",
        },
        {
            content: "It went out otherwise: produce without sending",
            trigger:
                "button[name='action_open_produce_without_sending']:visible, .o_cp_action_menus button:visible",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".modal [name='note'] input",
            run: "edit Handed over at completion",
        },
        {
            content: "Produce it",
            trigger: ".modal button[name='action_produce']",
            run: "click",
        },
        {
            content: "Look at the others",
            trigger: ".o_facet_remove",
            run: "click",
        },
        {
            content: "Produce: nothing ticked means all",
            trigger: "button[name='action_open_produce']:not(.o_list_selection_box *)",
            run: "click",
        },
        {
            content: "The window counts by channel",
            trigger: ".modal:contains('By e-mail'):contains('To print')",
        },
        {
            content: "Go",
            trigger: ".modal button[name='action_produce']",
            run: "click",
        },
        {
            content: "Three lanes: PDF, e-mail, print",
            trigger:
                ".o_legal_lanes:has(.o_legal_lane_pdf):has(.o_legal_lane_mail):has(.o_legal_lane_print)",
        },
        {
            content: "It is printed and posted",
            trigger: "button[name='action_confirm_posted']",
            run: "click",
        },
        {
            content: "Sure",
            trigger: ".modal .btn-primary",
            run: "click",
        },
        {
            content: "Nothing is left to post",
            trigger: ".o_form_view:not(:has(button[name='action_confirm_posted']))",
        },
        ...openPage("production"),
        {
            content: "The empty page tells the last production",
            trigger: ".o_legal_last_production:contains('Last production')",
        },
    ])
);

/** What a page asks for while a window is open over it is answered only when the next
 * page is there, as on a machine with much to do. */
const answerLate = {
    content: "Pages below windows are slow",
    trigger: ".o_legal_bill_all",
    run() {
        const {_rpc} = rpc;
        const find = (selector) => document.querySelector(selector);
        rpc._rpc = (url, ...args) => {
            const answer = _rpc(url, ...args);
            if (
                !find(".modal") ||
                !/legal\.billing\.run(\.line)?\/(get|web)_/.test(url)
            ) {
                return answer;
            }
            const late = answer.then(async (result) => {
                for (let turn = 0; turn < 100 && !find(".o_legal_bill_strip"); turn++) {
                    await delay(100);
                }
                await delay(500);
                return result;
            });
            return Object.assign(late, {abort: answer.abort});
        };
    },
};

const makeTheDrafts = (count, title) => [
    {
        content: "The window counts them",
        trigger: `.modal .o_form_view .o_field_widget[name='count']:contains('1')`,
    },
    {
        content: "Make the drafts",
        trigger: ".modal button[name='action_bill']:enabled",
        run: "click",
    },
    {
        content: "They are in Draft Bills",
        trigger: `.o_legal_bill_strip:contains('${count}')`,
    },
    {
        content: "The window is gone, the draft can be opened",
        trigger: `body:not(:has(.modal)) .o_data_row:contains('${title}') .o_data_cell:eq(1)`,
        run: "click",
    },
    {
        content: "Its entries are there",
        trigger: ".o_form_view .o_data_row:contains('Letter')",
    },
];

tours.add(
    "legal_billing_slow_page",
    steps(
        openPage("mass_billing"),
        answerLate,
        {
            content: "Bill one from its row",
            trigger: ".o_data_row:contains('Smith v Jones') .o_legal_bill_now",
            run: "click",
        },
        makeTheDrafts("1 bill", "Smith v Jones"),
        openPage("mass_billing"),
        {
            content: "Bill what is left",
            trigger: ".o_legal_bill_all:contains('1')",
            run: "click",
        },
        makeTheDrafts("1 bill", "Estate of Rees")
    )
);

tours.add(
    "legal_billing_watched_run",
    steps(openPage("mass_billing"), [
        {
            content: "Twelve are ready: more than a moment's work",
            trigger: ".o_legal_bill_all:contains('12')",
            run() {
                const seen = new Set();
                const look = () => {
                    for (const selector of [
                        ".o_legal_wide_progress",
                        ".o_legal_latest",
                        ".o_legal_latest li .fa-check",
                    ]) {
                        if (document.querySelector(selector)) {
                            seen.add(selector);
                        }
                    }
                    document.body.dataset.legalSeen = [...seen].join();
                };
                new MutationObserver(look).observe(document.body, {
                    childList: true,
                    subtree: true,
                });
            },
        },
        {
            content: "Bill them all",
            trigger: ".o_legal_bill_all:contains('12')",
            run: "click",
        },
        {
            content: "The window counts them",
            trigger: ".modal button[name='action_bill']:enabled",
            run: "click",
        },
        {
            content: "The run's page leads to what it made",
            trigger: ".o_legal_bill_strip:contains('12 bills')",
        },
        {
            content: "It is said how many, and who comes next",
            trigger: ".o_notification:contains('12 drafts made')",
        },
        {
            content: "The page of the run was shown with its bar and the last names",
            trigger:
                "body[data-legal-seen*='progress'][data-legal-seen*='fa-check'] .o_legal_bill_strip",
        },
    ])
);

const nowhere = (name) =>
    `.modal .o_legal_nowhere .o_data_row:contains('${name} & Co')`;

tours.add(
    "legal_billing_produce_nowhere",
    steps(openPage("production"), [
        {
            content: "Produce: nothing ticked means all",
            trigger: "button[name='action_open_produce']:not(.o_list_selection_box *)",
            run: "click",
        },
        {
            content: "All three are named; nothing is produced as it is",
            trigger:
                ".modal:contains('bills reach nobody'):not(:has(button[name='action_produce']:visible))",
        },
        {
            content: "The address that is missing is entered in place",
            trigger: `${nowhere("First")} td[name='email'] input`,
            run: "edit first@client.example",
        },
        {
            content: "The second one is printed",
            trigger: `${nowhere("Second")} .o_legal_way_print`,
            run: "click",
        },
        {
            content: "The first one is e-mailed now",
            trigger: `${nowhere("First")}:contains('Is e-mailed')`,
        },
        {
            content: "The third one is not sent",
            trigger: `${nowhere("Third")} .o_legal_way_quiet`,
            run: "click",
        },
        {
            content: "All three are settled",
            trigger: `${nowhere("Third")}:contains('without sending') .o_legal_way_later`,
        },
        {
            content: "Produce",
            trigger:
                ".modal button[name='action_produce']:contains('Produce'):not(:contains('of'))",
            run: "click",
        },
        {
            content: "The run has a print file",
            trigger: ".o_legal_lanes:has(.o_legal_lane_mail):has(.o_legal_lane_print)",
        },
    ])
);

/** A step without a mouse. */
const key = (content, trigger, keys) => ({content, trigger, run: `press ${keys}`});

tours.add("legal_billing_keyboard", {
    steps: () => [
        key("Bill all", ".o_legal_bill_all:contains('2')", "alt+b"),
        key(
            "Make the drafts",
            ".modal button[name='action_bill']:contains('Make the drafts')",
            "alt+q"
        ),
        key(
            "Draft Bills: approve all of the list",
            "body:not(:has(.modal)):has(.o_legal_bill_strip:contains('2 bills')) .o_control_panel button[name='action_open_approve']:contains('2')",
            "alt+q"
        ),
        key("Approve", ".modal button[name='action_do']", "alt+q"),
        key(
            "Bill Production: produce all of the list",
            "body:not(:has(.modal)) .o_control_panel button[name='action_open_produce']:contains('2')",
            "alt+q"
        ),
        key("Produce", ".modal button[name='action_produce']", "alt+q"),
        {
            content: "Nothing is left to be produced",
            trigger: "body:not(:has(.modal)) .o_legal_last_production",
        },
    ],
});

/** Relative luminance, as WCAG has it. */
const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => {
        const share = part / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const read = (color) => {
    const parts = (color.match(/[\d.]+/g) || []).map(Number);
    const scale = color.startsWith("color(") ? 255 : 1;
    return [...parts.slice(0, 3).map((part) => part * scale), parts[3] ?? 1];
};
const over = (front, back) =>
    front.slice(0, 3).map((part, i) => part * front[3] + back[i] * (1 - front[3]));

/** What lies behind an element: the colours of those above it, one over the other. */
const backOf = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
        const color = read(getComputedStyle(at).backgroundColor);
        layers.unshift(color);
        if (color[3] === 1) {
            break;
        }
    }
    return layers.reduce((back, color) => over(color, back), [255, 255, 255]);
};

const contrastOf = (element) => {
    const back = backOf(element);
    const ink = over(read(getComputedStyle(element).color), back);
    const [light, dark] = [luminance(ink), luminance(back)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
};

/** Texts in our own parts of the page that are too pale: AA asks for 4.5, for large or
 * bold ones for 3; what is switched off is exempt. */
const findPale = (root) =>
    [...root.querySelectorAll("*")]
        .filter(
            (element) =>
                element.checkVisibility() &&
                !element.closest("[disabled]") &&
                [...element.childNodes].some(
                    (node) => node.nodeType === 3 && node.data.trim()
                )
        )
        .map((element) => {
            const {fontSize, fontWeight} = getComputedStyle(element);
            const size = parseFloat(fontSize);
            const isLarge = size >= 24 || (size >= 18.66 && fontWeight >= 700);
            return {element, contrast: contrastOf(element), least: isLarge ? 3 : 4.5};
        })
        .filter(({contrast, least}) => contrast < least);

const isReadable = (content, trigger) => ({
    content: `${content}: no text is too pale`,
    trigger,
    run() {
        const pale = findPale(this.anchor).map(
            ({element, contrast}) =>
                `${element.textContent.trim().slice(0, 30)} (${element.className}): ${contrast.toFixed(2)}`
        );
        if (pale.length) {
            throw new Error(`${content}: ${pale.join("; ")}`);
        }
    },
});

tours.add(
    "legal_billing_contrast",
    steps(
        openPage("mass_billing"),
        isReadable("Strip of Mass Billing", ".o_legal_run_strip"),
        isReadable("Remarks", ".o_data_row:contains('Smith v Jones') .o_legal_flags"),
        {
            content: "Open the pre-bill",
            trigger: ".o_data_row:contains('Smith v Jones') .o_data_cell:eq(1)",
            run: "click",
        },
        isReadable("Figures of the pre-bill", ".o_legal_figures"),
        {
            content: "Every button that is an icon alone has a name",
            trigger: ".o_form_view .o_data_row button[name='action_open_write_down']",
            run() {
                const nameless = [
                    ...document.querySelectorAll(".o_form_view .o_data_row button"),
                ].filter(
                    (button) =>
                        !button.textContent.trim() &&
                        !button.getAttribute("aria-label") &&
                        button.checkVisibility()
                );
                if (nameless.length) {
                    throw new Error(nameless.map((b) => b.outerHTML).join());
                }
            },
        },
        openPage("draft_bills"),
        isReadable("Strip of Draft Bills", ".o_legal_bill_strip"),
        isReadable("Rows of Draft Bills", ".o_list_table"),
        openPage("production"),
        isReadable("Strip of Bill Production", ".o_legal_bill_strip"),
        openPage("bills"),
        isReadable("Strip of Bills", ".o_legal_bill_strip"),
        isReadable("Rows of Bills", ".o_list_table")
    )
);
