import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {
    ProgressBarField,
    progressBarField,
} from "@web/views/fields/progress_bar/progress_bar_field";

/** Above this share a figure says nothing: a fee was agreed that has little to do with
 * the time recorded. */
const MEANINGFUL = 200;

/** Billed of standard in per cent, as a bar. */
export class RealisedField extends ProgressBarField {
    formatCurrentValue() {
        const value = Math.round(this.currentValue);
        return value > MEANINGFUL ? _t("over %s", MEANINGFUL) : String(value);
    }
}

registry.category("fields").add("legal_realised", {
    ...progressBarField,
    component: RealisedField,
    displayName: _t("Realised"),
});
