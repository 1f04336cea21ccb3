{% macro clickhouse__copy_table_sql(copy, source, relation) %}
    {#- A clone shares its parts with the original, and has its keys and settings. Of any other table the
        rows are copied, to where none of them is merged with another, or deleted for its age, and where
        they outlive the server. -#}
    {%- if dbt_opsplugin._clickhouse_clones(relation) %}
        {%- do return('create table ' ~ copy ~ ' clone as ' ~ source) %}
    {%- endif %}
    {%- set engine = modules.re.sub(
        '^(Replicated|Shared)?.*$', '\\1MergeTree', dbt_opsplugin._clickhouse_engine(relation), count=1
    ) %}
    {%- do return('create table ' ~ copy ~ ' engine = ' ~ engine ~ ' order by tuple() as select * from ' ~ source) %}
{%- endmacro %}


{% macro _clickhouse_engine(relation) %}
    {#- By the statement of which it was made; not what a comment in it says. -#}
    {%- set bare = modules.re.sub("'(?:[^'\\\\]|\\\\.|'')*'", "''", relation['definition'] or '') %}
    {%- do return(modules.re.findall('ENGINE = (\\w+)', bare) | first or '') %}
{%- endmacro %}


{% macro _clickhouse_clones(relation) %}
    {#- A replicated table has a path of its own, which no other can have. -#}
    {%- do return(
        dbt_opsplugin._clickhouse_engine(relation) == 'MergeTree' and ' TTL ' not in relation['definition']
    ) %}
{%- endmacro %}


{% macro clickhouse__sheds_rows(relation) %}
    {#- A merge takes rows together (Replacing, Summing, Collapsing ...), or takes those that are too old. -#}
    {%- set engine = dbt_opsplugin._clickhouse_engine(relation) %}
    {%- do return(
        ' TTL ' in (relation['definition'] or '')
        or (engine.endswith('MergeTree') and engine not in ('MergeTree', 'ReplicatedMergeTree', 'SharedMergeTree'))
    ) %}
{%- endmacro %}


{% macro clickhouse__restore_relation_sql(details) %}
    {#- A table or a view is made by the statement that made it, of which the name is replaced. -#}
    {%- if details['type'] == 'table' and dbt_opsplugin._clickhouse_clones(details) %}
        {%- do return(dbt_opsplugin.default__restore_relation_sql(details)) %}
    {%- endif %}
    {%- set part = '(?:`(?:[^`\\\\]|\\\\.|``)*`|[^\\s.`(]+)' %}
    {%- set create = 'create ' ~ details['type'] ~ ' ' ~ dbt_opsplugin._render(details) ~ modules.re.sub(
        '(?i)^create (?:view|table) (?:' ~ part ~ '\\.)?' ~ part, '', details['definition'], count=1
    ) %}
    {%- if details['type'] == 'view' %}
        {%- do return(create) %}
    {%- endif %}
    {%- do return([
        modules.re.sub(
            "ENGINE = ((?:Replicated|Shared)\\w*)\\('[^']*', '[^']*'(?:, )?", 'ENGINE = \\1(', create, count=1
        ),
        'insert into ' ~ dbt_opsplugin._render(details) ~ ' select * from ' ~ details['location']
        ~ ' settings optimize_on_insert = 0, insert_deduplicate = 0, max_partitions_per_insert_block = 0',
    ]) %}
{%- endmacro %}
