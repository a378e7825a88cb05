import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const missing = (key) => `.o_legal_set_up_missing [data-key='${key}']`;
const done = (key) => `.o_legal_set_up_done [data-key='${key}']`;

/**
 * From a missing thing through its link and back to green.
 */
const mendRate = [
    {
        content: "Rates are missing, and the manager may enter one",
        trigger: `${missing("rates")} button`,
        run: "click",
    },
    {
        content: "A rate",
        trigger: ".o_list_button_add",
        run: "click",
    },
    {
        content: "One price for all is enough to begin with",
        trigger: ".o_selected_row [name='price'] input",
        run: "edit 250",
    },
    {
        content: "Save",
        trigger: ".o_list_button_save",
        run: "click",
    },
    {
        content: "It is there",
        trigger:
            ".o_list_renderer:not(:has(.o_selected_row)) .o_data_row:contains('250')",
    },
];

tours.add("legal_billing_set_up_manager", {
    steps: () => [
        {
            content: "The panel stands above Mass Billing",
            trigger: ".o_list_view #o_legal_set_up_title",
        },
        {
            content: "What an administrator does has no link, and says who it is",
            trigger: `${missing("sender")}:not(:has(button)):contains('An administrator')`,
        },
        ...mendRate,
        {
            content: "Back",
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item.o_back_button a",
            run: "click",
        },
        {
            content: "It is green",
            trigger: done("rates"),
        },
        {
            content: "Seen enough",
            trigger: ".o_legal_set_up_dismiss",
            run: "click",
        },
        {
            content: "It is put away",
            trigger: ".o_list_view:not(:has(.o_legal_set_up))",
        },
    ],
});

tours.add("legal_billing_set_up_settings", {
    steps: () => [
        {
            content: "The settings show it, too",
            trigger: `.o_setting_container .o_legal_set_up ${missing("sender")} button`,
            run: "click",
        },
        {
            content: "The firm's own record",
            trigger: ".o_form_view [name='email'] input",
            run: "edit office@firm.example",
        },
        {
            content: "Save; Odoo loads the page again, for the firm has changed",
            trigger: ".o_form_button_save:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Back",
            trigger:
                ".o_breadcrumb .o_back_button a, .o_breadcrumb a.o_back_button, .breadcrumb-item.o_back_button a",
            run: "click",
        },
        {
            content: "It is green",
            trigger: `.o_setting_container ${done("sender")}`,
        },
        {
            content: "Nothing leads to putting it away here",
            trigger: ".o_legal_set_up:not(:has(.o_legal_set_up_dismiss))",
        },
    ],
});
