from odoo import models


class RatingRating(models.Model):
    _name = "rating.rating"
    _inherit = ["rating.rating", "legal.wall.document"]
