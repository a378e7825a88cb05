import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/**
 * The first look: from a matter with unbilled work to its draft bill and its paper, as
 * the biller. Started from /odoo?tour=legal_billing_first_look, or as every tour of
 * Odoo's by *Onboarding* in the menu of the user.
 */
registry.category("web_tour.tours").add("legal_billing_first_look", {
    url: "/odoo/mass-billing",
    steps: () => [
        {
            trigger: ".o_data_row .o_data_cell[name='matter_id']",
            content: _t(
                "Every matter with unbilled work is a row: what it comes to, and what deserves a look. Open one."
            ),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name='action_bill_now']",
            content: _t(
                "This is its pre-bill. Leave entries out, change their words, write them down; then bill the matter."
            ),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".modal button[name='action_bill']",
            content: _t("You are asked once, with the figures. Make the draft."),
            tooltipPosition: "top",
            run: "click",
        },
        {
            trigger:
                ".o_list_view:has(.o_legal_bill_strip) .o_data_row .o_data_cell:eq(1)",
            content: _t(
                "The draft is in Draft Bills, with the others of this run. Open it: fee, discount and narrative are settled there."
            ),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_legal_paper_toggle",
            content: _t(
                "The bill as your client gets it. An approver approves it next, and Bill Production sends and prints it."
            ),
            tooltipPosition: "left",
            run: "click",
        },
    ],
});
