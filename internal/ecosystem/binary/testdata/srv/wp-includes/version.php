<?php
/**
 * The version.
 * @global string $wp_version
 */
$wp_version = '6.5.4';
$wp_db_version = 57155;
