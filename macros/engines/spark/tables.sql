{% macro spark___ops_column_rows(relation) %}
    {#- There is no catalog to query: one statement shows a schema's tables with their columns. A
        session remembers the files of a table that it has read, so what another run has written
        since is seen only after a refresh: whoever decides by these tables looks here first. -#}
    {%- set rows = [] %}
    {%- set ours = dbt_opsplugin.ops_tables() %}
    {%- for schema, name, shown in dbt_opsplugin._shown_tables([relation.schema], 'ops*') %}
        {%- if name in ours %}
            {%- do dbt_opsplugin.run_statement('refresh table ' ~ dbt_opsplugin.ops_relation(name)) %}
        {%- endif %}
        {%- for column in dbt_opsplugin._shown_columns(shown) %}
            {%- do rows.append([name, column]) %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(rows) %}
{%- endmacro %}


{% macro spark__definition_statements(tables, views, observed) %}
    {#- Runs that start at once all make them. Spark looks whether a table or view is there and then makes
        it, so that the later of two fails, though it says "if not exists"; and a view that is replaced is
        dropped first. A table is safely made like another one, and a view's text is changed as a whole. -#}
    {%- set format = dbt_opsplugin._config('file_format') %}
    {%- set models = {} %}
    {%- for table in dbt_opsplugin.ops_tables() if format in ('parquet', 'orc') %}
        {%- do models.update({
            'create table if not exists ' ~ dbt_opsplugin.ops_relation(table):
            dbt_opsplugin.ops_relation('new_' ~ table ~ '_' ~ invocation_id.replace('-', '')),
        }) %}
    {%- endfor %}
    {%- set statements = [] %}
    {%- for statement in tables %}
        {%- set start = statement.split(' (')[0] %}
        {%- if start in models %}
            {%- do statements.extend([
                'create table ' ~ models[start] ~ statement[start | length:],
                start ~ ' like ' ~ models[start], 'drop table ' ~ models[start],
            ]) %}
        {%- else %}
            {%- do statements.append(statement) %}
        {%- endif %}
    {%- endfor %}
    {#- Of a table that someone else has dropped, this session may remember the files. -#}
    {%- for table in dbt_opsplugin.ops_tables() if tables %}
        {%- do statements.append('refresh table ' ~ dbt_opsplugin.ops_relation(table)) %}
    {%- endfor %}
    {%- if format == 'iceberg' %}
        {#- A view of Iceberg that is replaced keeps its first text (_hides_its_text). -#}
        {%- for view in views %}
            {%- do statements.append('drop view if exists ' ~ dbt_opsplugin.ops_relation(view)) %}
        {%- endfor %}
        {%- do return(dbt_opsplugin.default__definition_statements(statements, views, observed)) %}
    {%- endif %}
    {%- for view, sql in views.items() %}
        {%- set name = dbt_opsplugin.ops_relation(view) %}
        {%- do statements.extend([
            'create view if not exists ' ~ name ~ ' as select 1 as not_yet', 'alter view ' ~ name ~ ' as ' ~ sql,
        ]) %}
    {%- endfor %}
    {%- do return(statements) %}
{%- endmacro %}


{% macro spark__purge_refusal(tables) %}
    {#- By what the tables are, not by what the var says now. -#}
    {%- for schema, name, shown in dbt_opsplugin._shown_tables([dbt_opsplugin.ops_relation('x').schema], 'ops*')
        if name in tables %}
        {%- set provider = dbt_opsplugin._shown_format(shown) %}
        {%- if provider not in ('delta', 'iceberg', 'hudi') %}
            {%- do return([
                schema ~ '.' ~ name ~ ' is a table of ' ~ (provider or 'hive') ~ ', from which Spark deletes no rows',
                'nothing was deleted; make the ops tables anew with opsplugin_file_format: delta or iceberg'
            ]) %}
        {%- endif %}
    {%- endfor %}
    {%- do return([]) %}
{%- endmacro %}


{% macro _shown_tables(schemas, pattern) %}
    {#- Schema, name and description of what stands in those of the schemas that there are: Spark
        raises for one that is not there. -#}
    {%- set wanted = schemas | map('lower') | list %}
    {%- set found = [] %}
    {%- for row in dbt_opsplugin.query_rows('show schemas') if row[0] | lower in wanted %}
        {%- for schema, name, temporary, shown in dbt_opsplugin.query_rows(
            'show table extended in ' ~ adapter.quote(row[0]) ~ ' like ' ~ dbt_opsplugin.literal(pattern)
        ) if not temporary %}
            {%- do found.append([row[0], name, shown]) %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(found) %}
{%- endmacro %}


{% macro _shown(shown, field) %}
    {#- A field of a description, one to a line; what a user wrote comes after those we read. -#}
    {%- for value in modules.re.findall('(?m)^' ~ field ~ ': (.*)$', shown) %}
        {%- do return(value.strip()) %}
    {%- endfor %}
    {%- do return(none) %}
{%- endmacro %}


{% macro _shown_format(shown) %}
    {#- A Hive metastore takes every table of Iceberg for an external one of its own. -#}
    {%- if dbt_opsplugin._shown_property(shown, 'table_type') == 'ICEBERG' %}
        {%- do return('iceberg') %}
    {%- endif %}
    {%- do return(dbt_opsplugin._shown(shown, 'Provider')) %}
{%- endmacro %}


{% macro _shown_property(shown, name) %}
    {%- for value in modules.re.findall(
        '(?m)^Table Properties: \\[(?:.*, )?' ~ name ~ '=([^],]*)[],]', shown
    ) %}
        {%- do return(value) %}
    {%- endfor %}
    {%- do return(none) %}
{%- endmacro %}


{% macro _shown_type(shown) %}
    {#- Of Iceberg, one whose files others may share cannot be purged, which would stop the drop. -#}
    {%- set type = dbt_opsplugin._shown(shown, 'Type') %}
    {%- if dbt_opsplugin._shown_format(shown) == 'iceberg' %}
        {#- The metastore's name for gc.enabled. -#}
        {%- set purge = dbt_opsplugin._shown_property(shown, 'external.table.purge') or 'true' %}
        {%- do return('table' if purge | lower == 'true' else 'external table') %}
    {%- elif type == 'MANAGED' %}
        {%- do return('table') %}
    {%- endif %}
    {%- do return('external table' if type == 'EXTERNAL' else type | lower) %}
{%- endmacro %}


{% macro _shown_columns(shown) %}
    {%- do return(modules.re.findall('(?m)^ \\|-{2} (.*): [^:]*\\(nullable = (?:true|false)\\)', shown)) %}
{%- endmacro %}
