import {Component} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {FormController} from "@web/views/form/form_controller";
import {ListController} from "@web/views/list/list_controller";
import {WideFormRenderer} from "../common/wide_form";
import {formView} from "@web/views/form/form_view";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/** What saving billing options does to open drafts, asked before it is done. */
export class DraftEffectsDialog extends Component {
    static template = "legal_billing.DraftEffectsDialog";
    static components = {Dialog};
    static props = {effects: Object, onAnswer: Function, close: Function};

    answer(choice) {
        this.props.onAnswer(choice);
        this.props.close();
    }
}

/** Ask about the drafts of these matters.
 *
 * @returns {Promise<String>} "save", "apply" (to the drafts too) or "cancel" */
async function askAboutDrafts({orm, dialog}, ids, vals) {
    const effects = await orm.call("project.project", "get_draft_effects", [ids, vals]);
    if (!effects.count) {
        return "save";
    }
    return new Promise((resolve) => {
        dialog.add(
            DraftEffectsDialog,
            {effects, onAnswer: resolve},
            {onClose: () => resolve("cancel")}
        );
    });
}

export class MatterFormController extends FormController {
    setup() {
        super.setup();
        this.services = {orm: useService("orm"), dialog: useService("dialog")};
        this.optionsToApply = null;
    }

    async onWillSaveRecord(record, changes) {
        this.optionsToApply = null;
        if (record.resId && record.data.draft_bill_count) {
            const choice = await askAboutDrafts(this.services, [record.resId], changes);
            if (choice === "cancel") {
                return false;
            }
            this.optionsToApply = choice === "apply" ? Object.keys(changes) : null;
        }
        return super.onWillSaveRecord(...arguments);
    }

    async onRecordSaved(record) {
        await super.onRecordSaved(...arguments);
        if (this.optionsToApply) {
            await this.services.orm.call(
                "project.project",
                "action_apply_options_to_drafts",
                [[record.resId], this.optionsToApply]
            );
            this.optionsToApply = null;
        }
    }
}

export class MatterListController extends ListController {
    setup() {
        super.setup();
        this.services = {orm: useService("orm"), dialog: useService("dialog")};
        this.optionsToApply = null;
    }

    get modelParams() {
        const params = super.modelParams;
        params.hooks.onSavedMulti = this.onSavedMulti.bind(this);
        return params;
    }

    async onWillSaveMulti(editedRecord, changes) {
        const proceed = await super.onWillSaveMulti(editedRecord, changes);
        this.optionsToApply = null;
        if (proceed === false) {
            return false;
        }
        const ids = this.model.root.selection.map((record) => record.resId);
        const vals = editedRecord._getChanges();
        const choice = await askAboutDrafts(this.services, ids, vals);
        if (choice === "cancel") {
            editedRecord.discard();
            return false;
        }
        this.optionsToApply = choice === "apply" ? Object.keys(vals) : null;
        return true;
    }

    async onSavedMulti(records) {
        if (this.optionsToApply) {
            await this.services.orm.call(
                "project.project",
                "action_apply_options_to_drafts",
                [records.map((record) => record.resId), this.optionsToApply]
            );
            this.optionsToApply = null;
        }
    }
}

registry.category("views").add("legal_matter_form", {
    ...formView,
    Renderer: WideFormRenderer,
    Controller: MatterFormController,
});
registry.category("views").add("legal_matter_list", {
    ...listView,
    Controller: MatterListController,
});
