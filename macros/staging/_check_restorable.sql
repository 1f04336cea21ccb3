{% macro _check_restorable(chosen, of_set, replace) %}
    {#- Refuses before anything is changed: a relation in the way, a backup that is gone or
        has another number of rows than when it was made, a view of what is not there. Of what is to be
        undropped, check_backup says how (`undrop`). -#}
    {%- set places = [] %}
    {%- for backup in of_set %}
        {%- do places.append(backup['details']) %}
        {%- if backup['details']['trash'] %}
            {%- do places.append(backup['details']['trash']) %}
        {%- endif %}
    {%- endfor %}
    {%- set existing = dbt_opsplugin._existing_relations(places) %}
    {%- for backup in chosen %}
        {%- set details = backup['details'] %}
        {%- set key = dbt_opsplugin._relation_key(
            details['database'], details['schema'], details['identifier']
        ) %}
        {%- if key in existing and not replace %}
            {%- do dbt_opsplugin._fail(
                'restore_stg_tables', backup['relation'] ~ ' exists',
                'pass replace: true to put the backup in its place, or leave it out by relations: [...]'
            ) %}
        {%- endif %}
        {%- set standing = existing.get(key) %}
        {%- if standing and dbt_opsplugin._differs_by_case(
            standing, details['schema'], details['identifier']
        ) %}
            {%- do dbt_opsplugin._fail(
                'restore_stg_tables', dbt_opsplugin._render(standing) ~ ' is not '
                ~ backup['relation'] ~ ': a name there differs by case alone',
                'nothing was replaced; rename it, or leave this backup out by relations: [...]'
            ) %}
        {%- endif %}
        {%- if standing and not dbt_opsplugin._can_come_back(standing) %}
            {%- do dbt_opsplugin._fail(
                'restore_stg_tables', dbt_opsplugin._render(standing) ~ ' is in the way, a ' ~ standing['type']
                ~ ' of which there is no backup', 'nothing was replaced; move or drop it yourself first'
            ) %}
        {%- endif %}
        {%- if details['dropped_again'] %}
            {%- do dbt_opsplugin._fail(
                'restore_stg_tables', backup['relation'] ~ ' of backup set ' ~ details['set']
                ~ ' was brought back and dropped again, in backup set ' ~ details['dropped_again'],
                'restore it from there: what was in it before is not kept'
            ) %}
        {%- endif %}
        {%- do details.update({'in_the_way': standing}) %}
        {%- if details['location'] %}
            {%- set trash = details['trash'] or {} %}
            {%- if trash and dbt_opsplugin._relation_key(
                trash['database'], trash['schema'], trash['alias']
            ) not in existing %}
                {%- do dbt_opsplugin._fail(
                    'restore_stg_tables', 'the backup of ' ~ backup['relation'] ~ ' is not at '
                    ~ details['location'], 'choose another backup_set, or build the model again'
                ) %}
            {%- endif %}
            {%- do adapter.dispatch('check_backup', 'dbt_opsplugin')(backup['relation'], details) %}
        {%- else %}
            {%- do dbt_opsplugin._check_what_a_view_reads(backup, chosen, of_set, existing) %}
        {%- endif %}
    {%- endfor %}
    {%- if dbt_opsplugin.engine_facts()['views_hold'] %}
        {%- do dbt_opsplugin._check_what_is_held(chosen) %}
    {%- endif %}
{%- endmacro %}


{% macro _check_what_is_held(chosen) %}
    {#- What is to be replaced can only go together with the views that read it. -#}
    {%- set going = {} %}
    {%- for backup in chosen if backup['details']['in_the_way'] %}
        {%- set relation = backup['details']['in_the_way'] %}
        {%- set key = dbt_opsplugin._relation_key(
            relation['database'], relation['schema'], relation['identifier']
        ) %}
        {%- do going.update({key: dict(relation, key=key)}) %}
    {%- endfor %}
    {%- if going %}
        {%- for key, database, schema, name in adapter.dispatch('readers', 'dbt_opsplugin')(going.values() | list) %}
            {%- set reader = dbt_opsplugin._relation_key(database, schema, name) %}
            {%- if reader not in going %}
                {%- do dbt_opsplugin._fail(
                    'restore_stg_tables', key ~ ' cannot be replaced: ' ~ reader ~ ' reads it',
                    'drop ' ~ reader ~ ' first, or restore it as well, and build it again afterwards'
                ) %}
            {%- endif %}
        {%- endfor %}
    {%- endif %}
{%- endmacro %}


{% macro _check_what_a_view_reads(view, chosen, of_set, existing) %}
    {%- for backup in of_set if backup not in chosen %}
        {%- set details = backup['details'] %}
        {%- set key = dbt_opsplugin._relation_key(
            details['database'], details['schema'], details['identifier']
        ) %}
        {%- if key not in existing and details['identifier'] | lower in view['details']['definition'] | lower %}
            {%- do dbt_opsplugin._fail(
                'restore_stg_tables', view['details']['identifier'] ~ ' reads ' ~ backup['relation']
                ~ ', which is not there', 'add ' ~ details['identifier'] ~ ' to relations'
            ) %}
        {%- endif %}
    {%- endfor %}
{%- endmacro %}


{% macro default__check_backup(relation, details) %}
    {%- set count = dbt_opsplugin.query_rows('select ' ~ dbt_opsplugin.engine_facts()['row_count'] ~ ' from '
        ~ dbt_opsplugin.backup_source(details['kind'], details['location']))[0][0] | int %}
    {%- if count != details['rows'] %}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', 'the backup of ' ~ relation ~ ' at ' ~ details['location']
            ~ ' has ' ~ count ~ ' rows, not ' ~ details['rows'],
            'choose another backup_set, or build the model again'
        ) %}
    {%- endif %}
{%- endmacro %}
