import {patch} from "@web/core/utils/patch";
import {ListArchParser} from "@web/views/list/list_arch_parser";

/**
 * `options="{'widths': [least, most]}"` on a field of a list: how narrow its column may
 * become where there is little room, and how wide where there is much. The attribute
 * `width` knows one figure for both: numbers would be cut on small screens, or names on
 * big ones. Without the option a list is as core makes it.
 */
patch(ListArchParser.prototype, {
    parseFieldNode(node, models, modelName) {
        const info = super.parseFieldNode(node, models, modelName);
        const {widths} = info.options;
        if (widths) {
            info.field = {...info.field, listViewWidth: widths};
        }
        return info;
    },
});
