-- email is contact data and may be shared; login_email, mobile and clerk_user_id identify. The binary
-- collation keeps 'i' and 'í' two mailboxes. version counts every change of the row.
CREATE TABLE users (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    email VARCHAR(254) NULL,
    login_email VARCHAR(254) NULL,
    mobile VARCHAR(15) NULL,
    clerk_user_id VARCHAR(64) NULL,
    name VARCHAR(200) COLLATE utf8mb4_unicode_ci NULL,
    avatar_url VARCHAR(2048) NULL,
    password_hash VARCHAR(255) NULL,
    role_id BIGINT UNSIGNED NOT NULL,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    email_verified BOOLEAN NOT NULL DEFAULT FALSE,
    mobile_verified BOOLEAN NOT NULL DEFAULT FALSE,
    profile_complete BOOLEAN NOT NULL DEFAULT FALSE,
    version BIGINT UNSIGNED NOT NULL DEFAULT 1,
    last_login DATETIME(3) NULL,
    created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (id),
    UNIQUE KEY users_by_login_email (login_email),
    UNIQUE KEY users_by_mobile (mobile),
    UNIQUE KEY users_by_clerk_user_id (clerk_user_id),
    KEY users_by_email (email),
    KEY users_by_role (role_id, id),
    CONSTRAINT users_role FOREIGN KEY (role_id) REFERENCES roles (id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
