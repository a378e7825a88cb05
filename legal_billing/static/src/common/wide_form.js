import {registry} from "@web/core/registry";
import {FormRenderer} from "@web/views/form/form_renderer";
import {formView} from "@web/views/form/form_view";

/** A form whose lists need the whole width: messages stand below, never beside. */
export class WideFormRenderer extends FormRenderer {
    mailLayout(...args) {
        const layout = super.mailLayout(...args);
        return layout === "SIDE_CHATTER" ? "BOTTOM_CHATTER" : layout;
    }
}

registry.category("views").add("legal_wide_form", {
    ...formView,
    Renderer: WideFormRenderer,
});
