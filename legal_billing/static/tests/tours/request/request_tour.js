import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const openMenu = (name) => ({
    content: `Open ${name}`,
    trigger: `.o_menu_sections [data-menu-xmlid='legal_billing.legal_billing_menu_${name}']`,
    run: "click",
});

const openRequests = [
    openMenu("payments"),
    {
        content: "Open Requests for Money",
        trigger:
            ".o-dropdown--menu [data-menu-xmlid='legal_billing.legal_money_request_menu']",
        run: "click",
    },
];

// an evergreen: the client is asked with the bill, pays, and the money is held
registry.category("web_tour.tours").add("legal_billing_evergreen", {
    steps: () => [
        ...stepUtils.goToAppSteps(
            "legal_billing.legal_billing_menu_root",
            "Open Legal Billing"
        ),
        openMenu("mass_billing"),
        {
            content: "The matter is ready",
            trigger: ".o_legal_run_strip .o_legal_total_value:contains('1 ready')",
            timeout: 30000, // the page's first load
        },
        {
            content: "Bill all",
            trigger: ".o_legal_bill_all:contains('1')",
            run: "click",
        },
        {
            content: "Make the draft",
            trigger: ".modal button[name='action_bill']:enabled",
            run: "click",
        },
        {
            content: "The draft is there",
            trigger: ".o_legal_bill_strip:contains('1 bill')",
        },
        {
            content: "Approve what is listed",
            trigger: "button[name='action_open_approve']",
            run: "click",
        },
        {
            content: "Approve",
            trigger: ".modal button[name='action_do']:contains('Approve')",
            run: "click",
        },
        {
            content: "It is in production",
            trigger: ".o_breadcrumb:contains('Bill Production')",
        },
        ...openRequests,
        {
            content: "What it leaves missing is asked for, and waits for the bill",
            trigger:
                ".o_data_row:contains('Outside counsel'):contains('2,600.00'):contains('Draft')",
        },
        openMenu("production"),
        {
            content: "Produce",
            trigger: "button[name='action_open_produce']",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name='action_produce']",
            run: "click",
        },
        {
            content: "Nothing is left to produce",
            trigger: ".o_view_nocontent, .o_form_view",
        },
        ...openRequests,
        {
            content: "It went out with the bill: open it",
            trigger:
                ".o_data_row:contains('Outside counsel'):contains('Sent') .o_data_cell[name='name']",
            run: "click",
        },
        {
            content: "The money came in",
            trigger:
                ".o_form_view button[name='action_receive']:contains('Deposit client money')",
            run: "click",
        },
        {
            content: "The deposit says how much",
            trigger: ".o_field_widget[name='amount'] input:value('2,600.00')",
        },
        {
            content: "Post it",
            trigger: ".o_form_view button[name='action_post']",
            run: "click",
        },
        {
            content: "It is posted",
            trigger: ".o_arrow_button_current:contains('Posted')",
        },
        {
            content: "Back to the request",
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a:contains('RQ/')",
            run: "click",
        },
        {
            content: "It is paid, by that deposit",
            trigger:
                ".o_form_view:has(.o_arrow_button_current:contains('Paid')) [name='deposit_ids'] .o_data_row:contains('2,600.00')",
        },
    ],
});
