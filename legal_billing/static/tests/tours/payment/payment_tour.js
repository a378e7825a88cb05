import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const openApp = stepUtils.goToAppSteps(
    "legal_billing.legal_billing_menu_root",
    "Open Legal Billing"
);

const openItem = (section, item) => [
    {
        content: `Open the menu ${section}`,
        trigger: `.o_menu_sections [data-menu-xmlid='legal_billing.${section}']`,
        run: "click",
    },
    {
        content: `Open ${item}`,
        trigger: `.o-dropdown--menu [data-menu-xmlid='legal_billing.${item}']`,
        run: "click",
    },
];

const typeAmount = (amount) => ({
    content: `Type the amount ${amount}`,
    trigger: ".o_field_widget[name='amount'] input",
    run: `edit ${amount} && press Tab`,
});

const foot = (text) => ({
    content: `The foot says: ${text}`,
    trigger: `.o_legal_payment_foot:contains('${text}')`,
});

registry.category("web_tour.tours").add("legal_billing_payment_slip", {
    steps: () => [
        ...openApp,
        ...openItem("legal_billing_menu_payments", "legal_payment_menu"),
        {
            content: "A new slip",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Who pays",
            trigger: ".o_field_widget[name='received_from_id'] input",
            run: "edit Client",
        },
        {
            content: "Choose the payer",
            trigger: ".o-autocomplete--dropdown-item:contains('Client Ltd')",
            run: "click",
        },
        {
            content: "Take the open bills",
            trigger: "button[name='action_add_bills']",
            run: "click",
        },
        {
            content: "Both are on the slip",
            trigger: ".o_field_widget[name='allocation_ids'] .o_data_row:eq(1)",
        },
        typeAmount("600"),
        foot("600.00 of"),
        foot("nothing left"),
        {
            content: "The older bill is paid in full, the other in part",
            trigger: ".o_data_row:eq(0) .o_data_cell[name='amount']:contains('470.00')",
        },
        typeAmount("1100"),
        {
            content: "The changed amount asks",
            trigger: ".alert:contains('changed after it was spread')",
        },
        foot("500.00 left"),
        {
            content: "Apply the rule again",
            trigger: ".alert button[name='action_apply_rule']",
            run: "click",
        },
        foot("to credits $ 90.00"),
        {
            content: "Post",
            trigger: ".btn-primary[name='action_post']",
            run: "click",
        },
        {
            content: "It is posted",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Posted')",
        },
    ],
});

const below = (text) => ({
    content: `Below the columns: ${text}`,
    trigger: `.o_field_widget[name='allocation_ids'] tfoot:contains('${text}')`,
});

const untick = (row, bills) => ({
    content: `Untick row ${row} of ${bills}`,
    trigger: `.o_field_widget[name='allocation_ids']:has(.o_pager_value:contains('${bills}')) .o_data_row:eq(${row}) [name='is_selected'] input`,
    run: "click",
});

registry.category("web_tour.tours").add("legal_billing_payment_pages", {
    steps: () => [
        ...openApp,
        ...openItem("legal_billing_menu_payments", "legal_payment_menu"),
        {
            content: "The slip of many bills",
            trigger: ".o_data_row .o_data_cell[name='amount']:contains('450.00')",
            run: "click",
        },
        {
            content: "A page of bills, no more",
            trigger:
                ".o_field_widget[name='allocation_ids']:has(.o_data_row:eq(39)):not(:has(.o_data_row:eq(40)))",
        },
        below("450.00"),
        untick(0, "1-40"),
        foot("440.00 of"),
        below("440.00"),
        {
            content: "The next page",
            trigger: ".o_field_widget[name='allocation_ids'] .o_pager_next",
            run: "click",
        },
        below("440.00"),
        untick(1, "41-45"),
        foot("430.00 of"),
        below("430.00"),
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Saved",
            trigger: ".o_form_saved, .o_form_button_save:not(:visible)",
        },
        below("430.00"),
    ],
});

// The bank took a payment back: reversed as of that day, with what the bank charges.
registry.category("web_tour.tours").add("legal_billing_payment_dishonour", {
    steps: () => [
        ...openApp,
        ...openItem("legal_billing_menu_payments", "legal_payment_menu"),
        {
            content: "Open the posted payment",
            trigger: ".o_data_row:contains('Client Ltd') .o_data_cell:eq(0)",
            run: "click",
        },
        {
            content: "Reverse it",
            trigger: ".o_form_statusbar button[name='action_reverse']",
            run: "click",
        },
        {
            content: "Two bills will be open again",
            trigger: ".modal:contains('2 bills will be open again')",
        },
        {
            content: "The bank took it back",
            trigger:
                ".modal .o_field_widget[name='kind'] input[data-value='dishonour']",
            run: "click",
        },
        {
            content: "Why",
            trigger: ".modal .o_field_widget[name='reason'] input",
            run: "edit No funds",
        },
        {
            content: "The bank charges for it",
            trigger: ".modal .o_field_widget[name='fee_amount'] input",
            run: "edit 15 && press Tab",
        },
        {
            content: "which goes to an account",
            trigger: ".modal .o_field_widget[name='fee_account_id'] input",
            run: "edit Bank Fees of Tours",
        },
        {
            content: "that is chosen",
            trigger: ".o-autocomplete--dropdown-item:contains('Bank Fees of Tours')",
            run: "click",
        },
        {
            content: "Reverse",
            trigger: ".modal footer button[name='action_reverse']",
            run: "click",
        },
        {
            content: "It is reversed",
            trigger:
                "body:not(:has(.modal)) .o_statusbar_status .o_arrow_button_current:contains('Reversed')",
        },
    ],
});

registry.category("web_tour.tours").add("legal_billing_client_account", {
    steps: () => [
        ...openApp,
        ...openItem("legal_trust_menu", "legal_trust_balance_menu"),
        {
            content: "A bill that client money paid came back",
            trigger: ".alert-danger:contains('its e-mail came back')",
        },
        {
            content: "What is held",
            trigger: ".o_legal_total:contains('1 matter'):contains('800.00')",
        },
        {
            content: "Show the bill",
            trigger: ".o_legal_undelivered",
            run: "click",
        },
        {
            content: "Its way out",
            trigger: ".o_data_row button[name='action_open_client_money_payments']",
        },
        ...openItem("legal_trust_menu", "legal_trust_balance_menu"),
        {
            content: "Transfer what can be transferred",
            trigger: ".o_control_panel button:contains('Transfer to office')",
            run: "click",
        },
        {
            content: "Propose",
            trigger: "button[name='action_load']:contains('Propose')",
            run: "click",
        },
        {
            content: "The delivered bill is proposed, with before and after",
            trigger:
                ".o_data_row:contains('300.00'):contains('800.00'):contains('500.00')",
        },
        {
            content: "Transfer",
            trigger: "button[name='action_post']",
            run: "click",
        },
        {
            content: "It asks once more",
            trigger: ".modal .btn-primary",
            run: "click",
        },
        {
            content: "Posted",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Posted')",
        },
        ...openItem("legal_trust_menu", "legal_trust_line_menu"),
        {
            content: "The ledger ends with what is left",
            trigger:
                ".o_data_row:eq(0):contains('Transfer to office'):contains('500.00')",
        },
    ],
});
