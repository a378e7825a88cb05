import {registry} from "@web/core/registry";
import {rpc} from "@web/core/network/rpc";
import {stepUtils} from "@web_tour/tour_utils";

const openPage = (name) => [
    ...stepUtils.goToAppSteps(
        "legal_billing.legal_billing_menu_root",
        "Open Legal Billing"
    ),
    {
        content: `Open ${name}`,
        trigger: `.o_menu_sections [data-menu-xmlid='legal_billing.legal_billing_menu_${name}']`,
        run: "click",
    },
];

const tick = (text) => ({
    content: `Tick ${text}`,
    trigger: `.o_data_row:contains('${text}') .o_list_record_selector input`,
    run: "click",
});

const press = (content, trigger) => ({content, trigger, run: "click"});

// Draft Bills: the biller sends a draft for review and changes how it goes out.
registry.category("web_tour.tours").add("legal_billing_draft_bills", {
    steps: () => [
        ...openPage("draft_bills"),
        {
            content: "The strip adds up all drafts",
            trigger: ".o_legal_bill_strip:contains('2 bills')",
        },
        {
            content: "Buttons say that they take both",
            trigger: "button[name='action_preview_bills']:contains('Preview2')",
        },
        tick("Smith v Jones"),
        {
            content: "or the one that is ticked",
            trigger: "button[name='action_preview_bills']:contains('Preview1')",
        },
        press("Send for review", ".o_control_panel button[name='action_open_review']"),
        press(
            "Each matter's lawyer gets it",
            ".modal button[name='action_do']:contains('Send for review')"
        ),
        {
            content: "The strip says who has it",
            trigger: ".o_legal_bill_strip:contains('with reviewers')",
        },
        press(
            "Click the total through to what it sums",
            ".o_legal_bill_strip .o_legal_total:contains('with reviewers')"
        ),
        {
            content: "One draft, in its reviewer's group",
            trigger: ".o_group_header:contains('legal_reviewer')",
            run: "click",
        },
        press(
            "Open the draft",
            ".o_data_row:contains('Smith v Jones') .o_data_cell:eq(1)"
        ),
        {
            content: "Entries are on the left",
            trigger: ".o_form_view .o_data_row:contains('Advice')",
        },
        press(
            "Show the paper",
            ".o_legal_paper:not(.o_legal_paper_open) .o_legal_paper_toggle, .o_legal_paper_open .o_legal_paper_sheet"
        ),
        {
            content: "The paper is on the right",
            trigger:
                ".o_legal_paper_open iframe.o_legal_paper_sheet[srcdoc*='Draft bill']",
        },
        press("Edit options", "button[name='action_open_options']"),
        {
            content: "Copies can be chosen",
            trigger: ".modal .o_field_widget[name='print_copies']",
        },
        press("For the matter too", ".modal .o_field_widget[name='scope'] input:eq(1)"),
        press("Save", ".modal button[name='action_save']"),
        {
            content: "The window is gone",
            trigger: "body:not(:has(.modal)) .o_form_view",
        },
    ],
});

/** What the page asked the server for, by the method's name. */
const getCalls = (method) =>
    performance.getEntriesByType("resource").filter(({name}) => name.endsWith(method));

registry.category("web_tour.tours").add("legal_billing_totals_with_rows", {
    steps: () => [
        {
            trigger: "body",
            run: () => performance.clearResourceTimings(),
        },
        ...openPage("draft_bills"),
        {
            content: "The totals were asked for once, before the rows were there",
            trigger: ".o_legal_bill_strip:contains('2 bills')",
            run: () => {
                const [totals, ...more] = getCalls("/account.move/get_bill_strip");
                const [rows] = getCalls("/account.move/web_search_read");
                if (more.length || totals.startTime > rows.responseEnd) {
                    throw new Error(
                        `${more.length} more calls, ${totals.startTime} ${rows.responseEnd}`
                    );
                }
            },
        },
        {
            content: "Those of a filter are asked for when it is there",
            trigger: ".o_searchview_input",
            run: "edit Smith",
        },
        {trigger: ".o_searchview_autocomplete .o-dropdown-item.focus", run: "click"},
        {trigger: ".o_facet_value:contains('Smith')"},
        {
            trigger: ".o_legal_bill_strip:contains('1 bill')",
            run: () => {
                if (getCalls("/account.move/get_bill_strip").length !== 2) {
                    throw new Error("The totals are of another filter");
                }
            },
        },
    ],
});

// The reviewer's turn: mine to review, ready.
registry.category("web_tour.tours").add("legal_billing_draft_bills_review", {
    steps: () => [
        ...openPage("draft_bills"),
        press(
            "Mine to review",
            ".o_legal_bill_strip .o_legal_total:contains('mine to review')"
        ),
        {
            content: "Only that draft is listed",
            trigger: ".o_list_view:not(:has(.o_data_row:contains('Estate of Rees')))",
        },
        tick("Smith v Jones"),
        press("Ready", ".o_control_panel button[name='action_review_ready']"),
        {
            content: "Nothing is left to review",
            trigger: ".o_view_nocontent, .o_legal_bill_strip:contains('ready')",
        },
    ],
});

// Bills: dispute, credit a part, write off, state; every total opens what it sums.
registry.category("web_tour.tours").add("legal_billing_bills", {
    steps: () => [
        ...openPage("bills"),
        press("Open ones", ".o_legal_bill_strip .o_legal_total:contains('open')"),
        {
            content: "What is paid of which element",
            trigger:
                ".o_data_row:contains('Smith v Jones') .o_legal_element_bar .o_legal_element",
        },
        press(
            "Open the bill",
            ".o_data_row:contains('Smith v Jones') .o_data_cell:eq(1)"
        ),
        press("Dispute", "button[name='action_open_dispute']"),
        {
            content: "The reason",
            trigger: ".modal .o_field_widget[name='reason'] input",
            run: "edit Hours of May",
        },
        press("Note the dispute", ".modal button[name='action_dispute']"),
        {
            content: "It is shown",
            trigger: ".alert:contains('disputed since'):contains('Hours of May')",
        },
        press("End it", "button[name='action_end_dispute']"),
        {
            content: "It is over",
            trigger: ".o_form_view:not(:has(.alert:contains('disputed since')))",
        },
        press("Credit a part", "button[name='action_open_credit']"),
        {
            content: "Ten percent of everything",
            trigger: ".modal .o_field_widget[name='percent'] input",
            run: "edit 10 && press Tab",
        },
        {
            content: "Each part has its share",
            trigger: ".modal .o_data_row:contains('Fees'):contains('60.00')",
        },
        press("Not now", ".modal footer button:contains('Cancel')"),
        press(
            "Write off",
            "body:not(:has(.modal)) button[name='action_open_write_off']"
        ),
        {
            content: "The reason",
            trigger: ".modal .o_field_widget[name='reason'] input",
            run: "edit Insolvent",
        },
        press("Write off", ".modal footer button[name='action_write_off']"),
        press(
            "It is in the bill's history",
            "body:not(:has(.modal)) .o_notebook_headers a[name='write_offs']"
        ),
        {
            content: "with its reason",
            trigger: ".o_data_row:contains('Insolvent')",
        },
        ...openPage("bills"),
        tick("Estate of Rees"),
        press(
            "Statement",
            ".o_control_panel button[name='action_open_statement'], .o_control_panel_actions button[name='action_open_statement']"
        ),
        {
            content: "What the client owes",
            trigger: ".modal .o_data_row:contains('Client Ltd'):contains('360.00')",
        },
        press("Close", ".modal footer button:contains('Cancel')"),
    ],
});

// Printed and posted: the ticked bill only, though the other waits for it as well.
registry.category("web_tour.tours").add("legal_billing_bills_posted", {
    steps: () => [
        ...openPage("bills"),
        {
            content: "Neither is delivered",
            trigger:
                ".o_legal_bill_strip .o_legal_total:contains('not delivered'):contains('2')",
        },
        tick("Smith v Jones"),
        press(
            "Printed and posted",
            ".o_selection_container button[name='action_confirm_posted']"
        ),
        press(
            "It asks about those that are ticked",
            ".modal:contains('The ticked bills were printed and posted') .btn-primary"
        ),
        {
            content: "The other one is still to be posted",
            trigger:
                "body:not(:has(.modal)) .o_legal_bill_strip .o_legal_total:contains('not delivered'):contains('1')",
        },
    ],
});

// A window over a draft that somebody else deletes meanwhile: it says so, and does not
// turn to the rest of the list.
registry.category("web_tour.tours").add("legal_billing_bills_gone", {
    steps: () => [
        ...openPage("draft_bills"),
        tick("Smith v Jones"),
        press(
            "Delete",
            "button[name='action_open_delete']:contains('Delete1'):visible"
        ),
        {
            content: "Somebody else deletes it while the window is open",
            trigger: ".modal .o_field_widget[name='count']:contains('1')",
            async run() {
                const call = (method, args, kwargs = {}) =>
                    rpc(`/web/dataset/call_kw/account.move/${method}`, {
                        model: "account.move",
                        method,
                        args,
                        kwargs,
                    });
                const ids = await call("search", [
                    [
                        ["matter_ids.name", "=", "Smith v Jones"],
                        ["billing_stage", "=", "draft"],
                    ],
                ]);
                await call("action_delete_bills", [ids]);
                document.body.classList.add("o_legal_deleted_meanwhile");
            },
        },
        press(
            "Delete it too",
            "body.o_legal_deleted_meanwhile .modal button[name='action_do']:contains('Delete drafts')"
        ),
        {
            content: "The window refuses",
            trigger:
                ".modal:contains('This was not done'):contains('There is nothing left to do')",
        },
        press(
            "Close the message",
            ".modal:contains('There is nothing left to do') footer .btn-primary"
        ),
        press(
            "Close the window",
            ".modal:not(:contains('There is nothing')) footer button:contains('Cancel')"
        ),
        ...openPage("draft_bills"),
        {
            content: "The other draft is there",
            trigger:
                ".o_list_view:not(:has(.o_data_row:contains('Smith v Jones'))) .o_data_row:contains('Estate of Rees')",
        },
    ],
});

// Write off what two clients owe, from the list.
registry.category("web_tour.tours").add("legal_billing_bills_write_off", {
    steps: () => [
        ...openPage("bills"),
        tick("Smith v Jones"),
        tick("Estate of Rees"),
        press(
            "Write off",
            ".o_selection_container button[name='action_open_write_off']"
        ),
        {
            content: "Both balances, with tax",
            trigger: ".modal .o_data_row:contains('Estate of Rees'):contains('360.00')",
        },
        {
            content: "The reason",
            trigger: ".modal .o_field_widget[name='reason'] input",
            run: "edit Not worth the cost of collecting",
        },
        press("Write off", ".modal footer button[name='action_write_off']"),
        {
            content: "It says how many",
            trigger: ".o_notification:contains('Balances written off: 2')",
        },
    ],
});

// Draft Bills on a phone: the strip above the cards, and how many would be approved.
registry.category("web_tour.tours").add("legal_billing_draft_bills_phone", {
    steps: () => [
        {
            content: "The strip adds up all drafts",
            trigger: ".o_legal_bill_strip:contains('2 bills')",
            timeout: 30000, // the page's first load
        },
        {
            content: "A card per draft",
            trigger: ".o_kanban_record:contains('Smith v Jones'):contains('840.00')",
        },
        press(
            "Approve both",
            "button[name='action_open_approve']:contains('Approve2')"
        ),
        press(
            "The window states what will be done",
            ".modal button[name='action_do']:contains('Approve')"
        ),
        {
            content: "They are in Bill Production",
            trigger: ".o_legal_bill_strip:contains('to e-mail')",
        },
        {
            content: "where as many would be produced",
            trigger: ".o_kanban_record:contains('INV/')",
        },
    ],
});

registry.category("web_tour.tours").add("legal_billing_draft_pages", {
    steps: () => {
        const below = (text) => ({
            content: `Below the columns: ${text}`,
            trigger: `.o_field_widget[name='wip_line_ids'] tfoot:contains('${text}')`,
        });
        const turnPage = (button, rows) => [
            {
                content: `Turn the page: ${button}`,
                trigger: `.o_field_widget[name='wip_line_ids'] .o_pager_${button}`,
                run: "click",
            },
            {
                content: `Rows ${rows}`,
                trigger: `.o_field_widget[name='wip_line_ids'] .o_pager_value:contains('${rows}')`,
            },
        ];
        const typeRate = (rate) => [
            {
                content: "A rate is clicked",
                trigger: ".o_data_row:eq(0) .o_data_cell[name='bill_rate']",
                run: "click",
            },
            {
                content: `Charge ${rate}`,
                trigger: ".o_field_widget[name='bill_rate'] input",
                run: `edit ${rate} && press Tab`,
            },
        ];
        return [
            {
                content: "A page of entries, no more",
                trigger:
                    ".o_field_widget[name='wip_line_ids']:has(.o_data_row:eq(39)):not(:has(.o_data_row:eq(40)))",
            },
            {
                content: "Show the value, too",
                trigger:
                    ".o_field_widget[name='wip_line_ids'] .o_optional_columns_dropdown button",
                run: "click",
            },
            {
                content: "It is shown",
                trigger: ".o-dropdown--menu input[name='wip_amount']",
                run: "click",
            },
            below("13,500.00"),
            ...typeRate("310"),
            below("13,510.00"),
            ...turnPage("next", "41-45"),
            below("13,510.00"),
            ...typeRate("320"),
            below("13,530.00"),
            {
                content: "Save",
                trigger: ".o_form_button_save",
                run: "click",
            },
            {
                content: "Saved",
                trigger: ".o_form_saved, .o_form_button_save:not(:visible)",
            },
            below("13,530.00"),
        ];
    },
});
