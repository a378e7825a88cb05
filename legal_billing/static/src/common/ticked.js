import {evaluateBooleanExpr} from "@web/core/py_js/py";

/**
 * Buttons in the bar of ticked rows may ask what is ticked, so that none is offered
 * that fits no row: `invisible="not context.get('legal_ticked_…')"`. Where all of a
 * filter is ticked, the rows are not at hand, and every button is there.
 *
 * @param {Function} Controller of a list or of cards
 * @param {Object} questions by name: each takes the values of the ticked rows
 * @returns {Function} the controller
 */
export const withTicked = (Controller, questions) =>
    class extends Controller {
        evalViewModifier(modifier) {
            return evaluateBooleanExpr(modifier, {
                ...this.model.root.evalContext, // of a list: its context
                ...this.tickedContext,
            });
        }

        get tickedContext() {
            const {root} = this.model;
            const rows = (root.selection || []).map((record) => record.data);
            return Object.fromEntries(
                Object.entries(questions).map(([name, ask]) => [
                    `legal_ticked_${name}`,
                    root.isDomainSelected || ask(rows),
                ])
            );
        }
    };
