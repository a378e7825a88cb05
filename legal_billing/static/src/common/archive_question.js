import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {FormController} from "@web/views/form/form_controller";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {ListController} from "@web/views/list/list_controller";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";

/* Before contacts, products and employees with something open are archived, the question
   of the web client says what that is. */

const MODELS = ["res.partner", "hr.employee", "product.template", "product.product"];

/**
 * @param {Object} items of the menu of actions
 * @param {Object} model of the view
 * @param {Function} ask with the text of the question
 * @returns {Object} items
 */
function askWithWhatIsOpen(items, model, ask) {
    if (!items.archive || !MODELS.includes(model.config.resModel)) {
        return items;
    }
    const callback = items.archive.callback;
    items.archive.callback = async () => {
        const {root, orm} = model;
        const ids = root.getResIds ? await root.getResIds(true) : [root.resId];
        const open = await orm.call(root.resModel, "get_archive_question", [ids]);
        return open ? ask(open) : callback();
    };
    return items;
}

patch(FormController.prototype, {
    getStaticActionMenuItems() {
        return askWithWhatIsOpen(
            super.getStaticActionMenuItems(...arguments),
            this.model,
            (body) =>
                this.dialogService.add(ConfirmationDialog, {
                    ...this.archiveDialogProps,
                    body,
                    title: _t("Archive?"),
                })
        );
    },
});

for (const Controller of [ListController, KanbanController]) {
    patch(Controller.prototype, {
        getStaticActionMenuItems() {
            return askWithWhatIsOpen(
                super.getStaticActionMenuItems(...arguments),
                this.model,
                (body) =>
                    this.model.root.toggleArchiveWithConfirmation(true, {
                        ...this.archiveDialogProps,
                        body,
                        title: _t("Archive?"),
                    })
            );
        },
    });
}
