import {registry} from "@web/core/registry";
import {delay} from "@web/core/utils/concurrency";

const tours = registry.category("web_tour.tours");

/** The tab is hidden, as far as the page can tell; what is sent has arrived. */
async function hide() {
    Object.defineProperty(document, "visibilityState", {
        value: "hidden",
        configurable: true,
    });
    document.dispatchEvent(new Event("visibilitychange"));
    delete document.visibilityState;
    await delay(300);
}

const reload = (trigger) => ({
    content: "The page is left",
    trigger,
    run: () => window.location.reload(),
    expectUnloadPage: true,
});

tours.add("legal_billing_leave_untouched", {
    steps: () => [
        {trigger: ".o_form_view .o_form_editable", run: hide},
        reload(".o_form_view .o_form_editable"),
        {trigger: ".o_form_view .o_form_editable", run: () => delay(300)},
    ],
});

tours.add("legal_billing_leave_untouched_row", {
    steps: () => [
        {trigger: ".o_list_button_add", run: "click"},
        reload(".o_list_view .o_selected_row"),
        {trigger: ".o_list_view", run: () => delay(300)},
    ],
});

tours.add("legal_billing_leave_typed", {
    steps: () => [
        {
            content: "Typed, and still in the box",
            trigger: ".o_form_editable .o_field_widget[name='memo'] input",
            run: ({anchor}) => {
                anchor.focus();
                anchor.value = "Half a sentence";
                anchor.dispatchEvent(new InputEvent("input", {bubbles: true}));
                return hide();
            },
        },
        {
            content: "It is a draft now",
            trigger: ".o_form_view .o_form_saved",
        },
    ],
});
