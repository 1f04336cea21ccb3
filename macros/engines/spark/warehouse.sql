{% macro spark__warehouse_state(wanted) %}
    {#- Spark shows a default in bytes (10485760b) and else the text that was set. -#}
    {%- set settings = {} %}
    {%- set state = namespace(matches=true) %}
    {%- for name in adapter.dispatch('warehouse_settings', 'dbt_opsplugin')() %}
        {%- set value = dbt_opsplugin.query_rows('set ' ~ name)[0][1] %}
        {%- do settings.update({name: value | int if name.endswith('.partitions') else value}) %}
        {%- if name in wanted and dbt_opsplugin._spark_bytes(value) != dbt_opsplugin._spark_bytes(wanted[name]) %}
            {%- set state.matches = false %}
        {%- endif %}
    {%- endfor %}
    {%- do return({'settings': settings, 'matches': state.matches}) %}
{%- endmacro %}


{% macro _spark_bytes(value) %}
    {#- An amount as Spark reads it: binary units, and bytes without one. -#}
    {%- set number = modules.re.sub('[^-0-9]', '', value | string) | int %}
    {%- set unit = modules.re.sub('[^a-z]', '', value | string | lower)[:1] or 'b' %}
    {%- do return(number * 1024 ** 'bkmgt'.index(unit)) %}
{%- endmacro %}


{% macro spark__resize_statements(settings, of) %}
    {#- Of the session that asks. In the process of dbt it is one for all threads, so it is put back
        like the size of a shared warehouse; by Thrift each model has its own, which ends with it.
        A macro cannot see which of the two it is: `target` does not say. -#}
    {%- set statements = [] %}
    {%- for name, value in settings.items() %}
        {%- do statements.append('set ' ~ name ~ ' = ' ~ value) %}
    {%- endfor %}
    {%- do return(statements) %}
{%- endmacro %}


{% macro spark__default_warehouse_sizes() %}
    {#- MEDIUM is Spark's own default. -#}
    {%- set sizes = {} %}
    {%- for name, partitions, broadcast in [
        ('X-SMALL', 8, '10MB'), ('SMALL', 50, '10MB'), ('MEDIUM', 200, '10MB'), ('LARGE', 800, '64MB'),
        ('X-LARGE', 3200, '256MB'),
    ] %}
        {%- do sizes.update({name: {
            'spark.sql.shuffle.partitions': partitions, 'spark.sql.autoBroadcastJoinThreshold': broadcast,
        }}) %}
    {%- endfor %}
    {%- do return(sizes) %}
{%- endmacro %}


{% macro spark__warehouse_settings() %}
    {%- set bytes = {
        'what': 'an amount of bytes', 'pattern': '(?i)^(-1|[0-9]+ ?([kmgt]?b?))$', 'example': '64MB',
    } %}
    {%- do return({
        'spark.sql.shuffle.partitions': {'what': 'a number of partitions', 'least': 1},
        'spark.sql.autoBroadcastJoinThreshold': bytes,
        'spark.sql.adaptive.advisoryPartitionSizeInBytes': bytes,
    }) %}
{%- endmacro %}
