import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const openMenu = (name) => [
    {
        content: `Open ${name}`,
        trigger: `.o_menu_sections [data-menu-xmlid='legal_billing.legal_billing_menu_${name}']`,
        run: "click",
    },
];

const openApp = stepUtils.goToAppSteps(
    "legal_billing.legal_billing_menu_root",
    "Open Legal Billing"
);

const showEmptyPage = (text) => ({
    content: `See that nothing is left: ${text}`,
    trigger: `.o_view_nocontent:contains('${text}')`,
});

registry.category("web_tour.tours").add("legal_billing_bill_all", {
    steps: () => [
        ...openApp,
        ...openMenu("mass_billing"),
        {
            content: "Two matters are ready",
            trigger: ".o_legal_run_strip .o_legal_total_value:contains('2 ready')",
            timeout: 30000, // the page's first load
        },
        {
            content: "One matter is held back: ask why",
            trigger: ".o_legal_held:contains('1 held back')",
            run: "click",
        },
        {
            content: "The reason is a group",
            trigger: ".o_group_header:contains('By hand only')",
        },
        {
            content: "Back to the ready ones",
            trigger: ".o_legal_run_strip .o_legal_total:contains('2 ready')",
            run: "click",
        },
        {
            content: "The matter is listed with its amount",
            trigger: ".o_data_row:contains('Smith v Jones'):contains('700.00')",
        },
        {
            content: "Bill all",
            trigger: ".o_legal_bill_all:contains('2')",
            run: "click",
        },
        {
            content: "The window states what will be done",
            trigger: ".modal .o_form_view:contains('2 get their first bill')",
        },
        {
            content: "Make the drafts",
            trigger: ".modal button[name='action_bill']:enabled",
            run: "click",
        },
        {
            content: "The drafts are there",
            trigger: ".o_legal_bill_strip:contains('2 bills')",
        },
        {
            content: "The biller cannot approve",
            trigger: ".o_control_panel:not(:has(button[name='action_open_approve']))",
        },
        {
            content: "Open the draft",
            trigger: ".o_data_row:contains('Smith v Jones') .o_data_cell:eq(1)",
            run: "click",
        },
        {
            content: "Its entries are there",
            trigger: ".o_form_view .o_data_row:contains('Advice')",
        },
    ],
});

registry.category("web_tour.tours").add("legal_billing_approve", {
    steps: () => [
        ...openApp,
        ...openMenu("draft_bills"),
        {
            content: "The drafts wait",
            trigger: ".o_data_row:contains('Smith v Jones')",
        },
        {
            content: "Approve: nothing ticked means all, and says how many",
            trigger: "button[name='action_open_approve']:contains('Approve2')",
            run: "click",
        },
        {
            content: "Approve both",
            trigger: ".modal button[name='action_do']:contains('Approve')",
            run: "click",
        },
        {
            content: "They are in production now",
            trigger: ".o_breadcrumb:contains('Bill Production')",
        },
        {
            content: "with their numbers",
            trigger: ".o_data_row:contains('INV/')",
        },
        ...openMenu("draft_bills"),
        showEmptyPage("draft"),
    ],
});

registry.category("web_tour.tours").add("legal_billing_produce", {
    steps: () => [
        ...openApp,
        ...openMenu("production"),
        {
            content: "What will happen is told",
            trigger: ".o_data_row:contains('Smith v Jones'):contains('e-mail')",
        },
        {
            content: "Produce: nothing ticked means all, and says how many",
            trigger: "button[name='action_open_produce']:contains('Produce2')",
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
        ...openMenu("bills"),
        {
            content: "Both are finalised",
            trigger: ".o_data_row:contains('Smith v Jones'):contains('Finalised')",
        },
    ],
});

registry.category("web_tour.tours").add("legal_billing_matter", {
    steps: () => [
        ...openApp,
        ...openMenu("matters"),
        {
            content: "Open the matter",
            trigger:
                ".o_data_row:contains('Smith v Jones') .o_data_cell:eq(1), .o_kanban_record:contains('Smith v Jones')",
            run: "click",
        },
        {
            content: "Next run is told",
            trigger: ".o_form_view:contains('700.00')",
        },
    ],
});
