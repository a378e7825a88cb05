import {
    onMounted,
    onWillDestroy,
    onWillStart,
    onWillUpdateProps,
    toRaw,
    useComponent,
    useState,
} from "@odoo/owl";
import {KeepLast} from "@web/core/utils/concurrency";
import {useBus} from "@web/core/utils/hooks";

const underWay = new Map();
const ahead = new Map();

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
    if (ahead.has(key)) {
        return ahead.get(key);
    }
    if (!underWay.has(key)) {
        const answer = env.services.orm
            .call(...args)
            .finally(() => underWay.delete(key));
        underWay.set(key, answer);
    }
    return underWay.get(key);
}

/**
 * The page of a list asks for its totals while it asks for its rows; the strip, which is
 * made once they are there, takes that answer. It is forgotten once the strip is shown,
 * or the page is gone.
 *
 * @param {Function} Controller of the list
 * @param {Function} getCall takes the list's domain and gives args of `orm.call`
 * @returns {Function} a controller
 */
export const withTotals = (Controller, getCall) =>
    class extends Controller {
        setup() {
            const call = getCall(this.props.domain);
            const answer = firstRead(this.env, ...call);
            answer.catch(() => ahead.clear()); // the strip asks again, and says so
            ahead.set(JSON.stringify(call), answer);
            onWillDestroy(() => ahead.clear());
            super.setup();
        }
    };

/**
 * The totals above a list, of the whole filter: read again whenever the rows are, also
 * when a window over the list has closed.
 *
 * @param {Function} getCall takes the list's domain and gives args of `orm.call`
 * @param {Function} onRead takes the totals
 * @returns {Object} state with the totals as `strip`, null until they are there
 */
export function useStrip(getCall, onRead = () => undefined) {
    const component = useComponent();
    const keepLast = new KeepLast();
    const state = useState({strip: null});
    let shown = null;
    const {orm} = component.env.services;
    const load = async (read = (...args) => orm.call(...args)) => {
        // At the model's update the rows' root is new, the props are not yet.
        const {root} = component.props.list.model;
        shown = toRaw(root);
        state.strip = await keepLast.add(read(...getCall(root.domain)));
        onRead(state.strip);
    };
    onWillStart(() => load((...args) => firstRead(component.env, ...args)));
    onMounted(() => ahead.clear());
    useBus(component.props.list.model.bus, "update", () => load());
    onWillUpdateProps((nextProps) => {
        // A window that closes loads the rows anew without such an update.
        if (toRaw(nextProps.list) !== shown) {
            load();
        }
    });
    return state;
}
