import {formatMonetary} from "@web/views/fields/formatters";

/**
 * An amount as people write it, with the sign before the currency: −£12.00.
 *
 * @param {Number} amount
 * @param {Object} options of Odoo's own formatter
 * @returns {String}
 */
export function formatMoney(amount, options) {
    const text = formatMonetary(Math.abs(amount), options);
    return amount < 0 ? `\u2212${text}` : text;
}
