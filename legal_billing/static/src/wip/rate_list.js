import {ListController} from "@web/views/list/list_controller";
import {_t} from "@web/core/l10n/translation";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/** Rates: after one is saved, unbilled entries with another rate are offered to get
 * it, with the difference said first. */
export class RateListController extends ListController {
    setup() {
        super.setup();
        this.rateServices = {
            orm: useService("orm"),
            notification: useService("notification"),
            action: useService("action"),
        };
    }

    async onRecordSaved(record) {
        await super.onRecordSaved(...arguments);
        const {orm, notification, action} = this.rateServices;
        const ids = [record.resId];
        const offer = await orm.call("legal.rate", "get_rerate_offer", [ids]);
        if (!offer.count) {
            return;
        }
        const close = notification.add(
            _t(
                "%(count)s unbilled entries have another rate. With the new one: %(difference)s",
                {
                    count: offer.count,
                    difference: offer.difference,
                }
            ),
            {
                type: "info",
                sticky: true,
                buttons: [
                    {
                        name: _t("Show and re-rate"),
                        primary: true,
                        onClick: async () => {
                            close();
                            action.doAction(
                                await orm.call("legal.rate", "action_rerate", [ids])
                            );
                        },
                    },
                ],
            }
        );
    }
}

registry.category("views").add("legal_rate_list", {
    ...listView,
    Controller: RateListController,
});
