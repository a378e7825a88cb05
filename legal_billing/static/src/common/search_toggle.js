/**
 * Replace the filters of the search bar by the named ones of the search view.
 *
 * @param {Object} searchModel
 * @param {String[]} names of filters and group-bys
 */
export function showOnly(searchModel, names) {
    const items = searchModel.getSearchItems((item) => names.includes(item.name));
    searchModel.query = [];
    if (!items.length) {
        searchModel.clearQuery();
    }
    for (const item of items) {
        searchModel.toggleSearchItem(item.id);
    }
}

/**
 * Show one record only, under a name of our own.
 *
 * @param {Object} searchModel
 * @param {String} description
 * @param {Array} domain
 */
export function showDomain(searchModel, description, domain) {
    searchModel.query = [];
    searchModel.createNewFilters([{description, domain}]);
}
