-- permissions is an array of strings such as "products:write".
CREATE TABLE roles (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    name VARCHAR(64) NOT NULL,
    permissions JSON NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY roles_by_name (name)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
