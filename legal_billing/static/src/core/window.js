/**
 * What a window does to its page when it closes: the page is read again, except when
 * the window has led to another page. The page below is on its way out then: a call of
 * it is never answered, and the window, which waits for the answer, would stay open
 * over the page it led to.
 *
 * @param {Function} reload reads the page again
 * @returns {Function} for `onClose` of an action
 */
export function reloadAfter(reload) {
    return (info) => (info?.noReload ? undefined : reload());
}
