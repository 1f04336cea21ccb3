{% macro sqlserver__backup_table(relation, options, number) %}
    {#- What "select into" would make another column of, or leave rows out of. -#}
    {% set catalog = adapter.quote(relation['database']) ~ '.sys.' %}
    {% set id = 'object_id(' ~ dbt_opsplugin.literal(dbt_opsplugin._render(relation)) ~ ')' %}
    {% set query %}
        select
            columns.name as column_name,
            case
                when columns.is_computed = 1 then 'is computed'
                when columns.is_masked = 1 then 'is masked'
                when columns.encryption_type is not null then 'is encrypted'
                when columns.system_type_id = 189 then 'is a rowversion'
                when columns.is_sparse = 1 or columns.is_column_set = 1 then 'is sparse'
                else 'is a file, hidden or generated'
            end as reason
        from {{ catalog }}columns as columns
        where columns.object_id = {{ id }}
            and (
                columns.is_computed = 1 or columns.is_masked = 1 or columns.encryption_type is not null
                or columns.system_type_id = 189 or columns.is_sparse = 1 or columns.is_column_set = 1
                or columns.is_filestream = 1 or columns.is_hidden = 1 or columns.generated_always_type <> 0
            )
        union all
        select '', 'has a policy by which not everybody sees every row'
        from {{ catalog }}security_predicates as predicates
        where predicates.target_object_id = {{ id }}
    {% endset %}
    {% for column, reason in dbt_opsplugin.query_rows(query) %}
        {% do dbt_opsplugin._fail(
            options['macro'], ('column ' ~ column ~ ' of ' if column else '') ~ dbt_opsplugin._render(relation) ~ ' '
            ~ reason ~ ', which a copy would not keep',
            'nothing was dropped; set meta.opsplugin.staging: false on its model'
        ) %}
    {% endfor %}
    {% do return(dbt_opsplugin.default__backup_table(relation, options, number)) %}
{% endmacro %}


{% macro sqlserver__copy_table_sql(copy, source, relation) %}
    {#- With types, collations, nulls and identity; without keys, indexes, defaults, triggers and grants. -#}
    {%- do return('select * into ' ~ copy ~ ' from ' ~ source) %}
{%- endmacro %}


{% macro sqlserver__restore_relation_sql(details) %}
    {#- The text of a view is its whole statement, with the name that it was made under, which may have been
        another. -#}
    {%- if details['type'] != 'view' %}
        {%- do return(dbt_opsplugin.default__restore_relation_sql(details)) %}
    {%- endif %}
    {%- set part = '(?:"(?:[^"]|"")*"|\\[(?:[^\\]]|\\]\\])*\\]|[^\\s."(\\[]+)' %}
    {%- set space = '(?:\\s|/\\*.*?\\*/|--[^\\n]*\\n)*' %}
    {%- set head = '(?is)^' ~ space ~ 'create\\s+(?:or\\s+alter\\s+)?view\\s+(?:' ~ part ~ '\\s*\\.\\s*)*' ~ part %}
    {%- set definition = details['definition'] or '' %}
    {%- if not modules.re.match(head, definition) %}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', 'the text of ' ~ dbt_opsplugin._render(details) ~ ' does not begin as a view does',
            'build the model again'
        ) %}
    {%- endif %}
    {%- do return(
        'create view ' ~ dbt_opsplugin._quoted([details['schema'], details['identifier']])
        ~ modules.re.sub(head, '', definition, count=1)
    ) %}
{%- endmacro %}
