import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const openMatters = [
    stepUtils.goToAppSteps(
        "legal_billing.legal_billing_menu_root",
        "Open Legal Billing"
    ),
    {
        content: "Open Matters",
        trigger:
            ".o_menu_sections [data-menu-xmlid='legal_billing.legal_billing_menu_matters']",
        run: "click",
    },
].flat();

const saved = {
    content: "It is saved",
    trigger: ".o_form_view .o_form_saved, .o_form_view:not(:has(.o_form_dirty))",
};

registry.category("web_tour.tours").add("legal_billing_matter_page", {
    steps: () => [
        ...openMatters,
        {
            content: "Open the matter with a draft",
            trigger: ".o_data_row:contains('Smith v Jones') .o_data_cell[name='name']",
            run: "click",
        },
        {
            content: "The terms came from the client",
            trigger:
                ".o_legal_option:has([name='bill_payment_term_id']) .o_legal_origin:contains('from client')",
        },
        {
            content: "Quote less than the draft charges",
            trigger: ".o_field_widget[name='quoted_amount'] input",
            run: "edit 500",
        },
        {
            content: "Print it",
            trigger:
                ".o_field_widget[name='bill_print_copies'] .o_select_menu_toggler, .o_field_widget[name='bill_print_copies'] input, .o_field_widget[name='bill_print_copies'] select",
            run: "click",
        },
        {
            content: "One copy",
            trigger: ".o_select_menu_item:contains('1 copy')",
            run: "click",
        },
        {content: "Save", trigger: ".o_form_button_save", run: "click"},
        {
            content: "The new price of the draft is said first",
            trigger: ".modal li:contains('is priced again'):contains('keeps Print')",
        },
        {
            content: "Apply to the draft too",
            trigger: ".modal button:contains('apply to the drafts')",
            run: "click",
        },
        {content: "The window is gone", trigger: "body:not(:has(.modal))"},
        saved,
        {
            content: "The option was set here",
            trigger:
                ".o_legal_option:has([name='bill_print_copies']) .o_legal_origin:contains('set here')",
        },
        {
            content: "Open the ledger of unbilled work",
            trigger: ".o_notebook_headers .nav-link[name='ledger_wip']",
            run: "click",
        },
        {
            content: "It lists what no bill holds",
            trigger: ".o_legal_embedded_list .o_data_row:contains('Late advice')",
        },
    ],
});

registry.category("web_tour.tours").add("legal_billing_new_matter", {
    steps: () => [
        ...openMatters,
        {content: "New", trigger: ".o_list_button_add", run: "click"},
        {
            content: "A name",
            trigger: ".o_field_widget[name='name'] textarea",
            run: "edit Sale of Harbour House",
        },
        {
            content: "A client",
            trigger: ".o_field_widget[name='partner_id'] input",
            run: "edit Client Ltd",
        },
        {
            content: "Choose it",
            trigger: ".o-autocomplete--dropdown-item:contains('Client Ltd')",
            run: "click",
        },
        {
            content: "The client's terms are shown before it is saved",
            trigger:
                ".o_legal_option:has([name='bill_payment_term_id']) .o_legal_origin:contains('from client')",
        },
        {content: "Save", trigger: ".o_form_button_save", run: "click"},
        {
            content: "It has its number and says what the next run does",
            trigger: ".o_form_view .alert:contains('next mass run')",
        },
    ],
});
