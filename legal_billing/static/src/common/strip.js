import {onWillStart, onWillUpdateProps, toRaw, useComponent, useState} from "@odoo/owl";
import {KeepLast} from "@web/core/utils/concurrency";
import {useBus} from "@web/core/utils/hooks";

const underWay = new Map();

/**
 * What a component reads before it is shown. Where a page is made a second time
 * meanwhile, as happens while its search settles, the second takes the same answer.
 * Never for what is read later: that is to be of then.
 *
 * @param {Object} env its orm is asked, which answers also when the first is gone
 * @param {...any} args of `orm.call`
 * @returns {Promise}
 */
export function firstRead(env, ...args) {
    const key = JSON.stringify(args);
    if (!underWay.has(key)) {
        const answer = env.services.orm
            .call(...args)
            .finally(() => underWay.delete(key));
        underWay.set(key, answer);
    }
    return underWay.get(key);
}

/**
 * The totals above a list, of the whole filter: read again whenever the rows are, also
 * when a window over the list has closed.
 *
 * @param {Function} read takes the list's domain and gives the totals
 * @returns {Object} state with the totals as `strip`, null until they are there
 */
export function useStrip(read) {
    const component = useComponent();
    const keepLast = new KeepLast();
    const state = useState({strip: null});
    let shown = null;
    const load = async () => {
        // At the model's update the rows' root is new, the props are not yet.
        const {root} = component.props.list.model;
        shown = toRaw(root);
        state.strip = await keepLast.add(read(root.domain));
    };
    onWillStart(load);
    useBus(component.props.list.model.bus, "update", load);
    onWillUpdateProps((nextProps) => {
        // A window that closes loads the rows anew without such an update.
        if (toRaw(nextProps.list) !== shown) {
            load();
        }
    });
    return state;
}
