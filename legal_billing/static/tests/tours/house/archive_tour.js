import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("legal_billing_archive_client", {
    steps: () => [
        {trigger: ".o_form_view .o_cp_action_menus .fa-cog", run: "click"},
        {trigger: ".o-dropdown-item:contains(Archive)", run: "click"},
        {
            content: "The question says what is open",
            trigger: ".modal-body:contains(Unbilled WIP (1))",
        },
        {trigger: ".modal-footer button:contains(Cancel)", run: "click"},
        {trigger: "body:not(:has(.modal))"},
        {trigger: ".o_form_view .o_cp_action_menus .fa-cog", run: "click"},
        {trigger: ".o-dropdown-item:contains(Archive)", run: "click"},
        {trigger: ".modal-footer button:contains(Archive)", run: "click"},
        {trigger: ".ribbon:contains(Archived)"},
    ],
});
