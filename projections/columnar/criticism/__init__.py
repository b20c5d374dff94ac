"""Who criticised whom: the matrix of Criticism from columns, whole or by pages of critics."""
