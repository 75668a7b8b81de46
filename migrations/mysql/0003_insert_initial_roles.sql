-- A role that is already there keeps what somebody has given it.
INSERT INTO roles (name, permissions) VALUES
    ('customer', '[]'),
    ('support', '["customers:read", "customers:write", "audit:read"]'),
    ('manager', '["products:write", "inventory:read", "inventory:write", "analytics:read"]'),
    ('admin', '["customers:read", "customers:write", "audit:read", "products:write", "inventory:read", "inventory:write", "analytics:read", "analytics:write", "users:write", "sync:admin"]')
ON DUPLICATE KEY UPDATE name = roles.name
