import {FormController} from "@web/views/form/form_controller";
import {ListController} from "@web/views/list/list_controller";
import {patch} from "@web/core/utils/patch";

/* Core keeps a new record when its page is closed, reloaded or hidden, as long as no
   required field is empty, though nobody typed anything: an empty slip, a rate of 0.00.
   Of billing's own models, what nobody touched is not kept. */

const OURS = "legal.";

/**
 * @param {Object} record of a view, new or not
 * @returns {Boolean} whether it is new, billing's, and nothing was typed
 */
function isUntouched(record) {
    if (!record.isNew || !record.resModel.startsWith(OURS)) {
        return false;
    }
    // What stands in the box that one is in reaches the record now, as it does when
    // core saves: nothing of it waits for the server.
    const {model} = record;
    model._urgentSave = true;
    model.bus.trigger("WILL_SAVE_URGENTLY");
    model._urgentSave = false;
    return !record.dirty;
}

patch(FormController.prototype, {
    beforeVisibilityChange() {
        return isUntouched(this.model.root)
            ? undefined
            : super.beforeVisibilityChange(...arguments);
    },

    async beforeUnload() {
        return isUntouched(this.model.root)
            ? undefined
            : super.beforeUnload(...arguments);
    },
});

patch(ListController.prototype, {
    async beforeUnload() {
        return this.editedRecord && isUntouched(this.editedRecord)
            ? undefined
            : super.beforeUnload(...arguments);
    },
});
