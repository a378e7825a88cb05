from odoo import models
from odoo.fields import Domain


class LegalWallDocument(models.AbstractModel):
    """Records that tell of a document by its model and number, as messages, activities
    and ratings do: core lets those see them whom they are addressed to, whether they
    may see the document or not. Behind an information barrier they may not.
    """

    _name = "legal.wall.document"
    _description = "Tells of a Document that a Barrier may hide"

    #: Fields that name the document: its model, its number.
    _wall_document_fields = ("res_model", "res_id")

    def _get_wall_documents_domain(self):
        """Those that tell of a hidden document.

        :rtype: odoo.fields.Domain
        """
        return self.env["legal.wall"]._get_documents_domain(*self._wall_document_fields)

    def _search(
        self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs
    ):
        if not (self.env.su or bypass_access):
            hidden = self._get_wall_documents_domain()
            if not hidden.is_false():
                domain = Domain(domain) & ~hidden
        return super()._search(
            domain, offset, limit, order, bypass_access=bypass_access, **kwargs
        )

    def _check_access(self, operation):
        result = super()._check_access(operation)
        allowed = self - result[0] if result else self
        if self.env.su or not allowed or not any(allowed._ids):
            return result
        hidden = self._get_wall_documents_domain()
        if hidden.is_false():
            return result
        # sudo: to know what the user does not see
        forbidden_sudo = allowed.sudo().search(
            Domain("id", "in", allowed.ids) & hidden, order="id"
        )
        if not forbidden_sudo:
            return result
        forbidden = forbidden_sudo.sudo(False)
        if result:
            return result[0] | forbidden, result[1]
        return forbidden, lambda: self.env["ir.rule"]._make_access_error(
            operation, forbidden
        )
