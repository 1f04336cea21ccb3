{% macro _print_plan(plan, dry_run, options) %}
    {%- set table = [['relation', 'type', 'rows', 'bytes', 'decision', 'reason']] %}
    {%- set databases = plan | map(attribute='database') | unique | list %}
    {%- for row in plan %}
        {%- do table.append([
            (row['database'] ~ '.' if databases | length > 1 else '') ~ row['schema'] ~ '.' ~ row['identifier'],
            row['type'],
            '-' if row['rows'] is none else dbt_opsplugin._thousands(row['rows']),
            dbt_opsplugin._readable_bytes(row['bytes']), row['decision'], row['reason'],
        ]) %}
    {%- endfor %}
    {%- set title = 'plan for ' ~ target.name ~ (' (nothing is changed)' if dry_run else '') %}
    {%- if not plan %}
        {%- do dbt_opsplugin._log('drop_stg_tables', title ~ ': no staging relation exists', dry_run) %}
        {%- do return('') %}
    {%- endif %}
    {%- do dbt_opsplugin._print_table('drop_stg_tables', title, table, dry_run) %}
    {%- if plan | selectattr('decision', 'equalto', 'drop') | list %}
        {%- do dbt_opsplugin._say('  ' ~ (
            'Backed up before: ' ~ options['kind'] ~ ', set ' ~ options['set'] ~ (
                ' in ' ~ (options['path'] if options['kind'] == 'parquet' else options['schema'])
                if options['kind'] != 'undrop' else ''
            ) if options['kind'] else 'Without a backup.'
        ), dry_run) %}
        {%- do log(
            '  Until the next full build, what reads a dropped relation fails: dbt run --select of'
            ~ ' a model below it, dbt test on it, clone, and --defer to this target.'
            ~ ' Ephemeral staging has none of this.', info=true
        ) %}
    {%- endif %}
{%- endmacro %}


{% macro _print_table(macro, title, table, dry_run) %}
    {#- The first row is the head; numbers are flush right where the head says rows or bytes. -#}
    {%- set lines = ['dbt_opsplugin.' ~ macro ~ ': ' ~ title] %}
    {%- set widths = [] %}
    {%- for column in range(table[0] | length) %}
        {%- set lengths = [] %}
        {%- for row in table %}
            {%- do lengths.append(row[column] | string | length) %}
        {%- endfor %}
        {%- do widths.append(lengths | max) %}
    {%- endfor %}
    {#- Cut to length: dbt v2 multiplies text by literal numbers only. -#}
    {%- set blank = ' ' * 500 %}
    {%- for row in table %}
        {%- set cells = [] %}
        {%- for cell in row %}
            {%- set gap = blank[:widths[loop.index0] - (cell | string | length)] %}
            {%- do cells.append(
                gap ~ cell if table[0][loop.index0] in ('rows', 'bytes', 'seconds') else cell ~ gap
            ) %}
        {%- endfor %}
        {%- do lines.append(('  ' ~ cells | join('  ')).rstrip()) %}
    {%- endfor %}
    {%- for line in lines %}
        {%- do dbt_opsplugin._say(line, dry_run) %}
    {%- endfor %}
{%- endmacro %}


{% macro _thousands(number) %}
    {#- dbt v2 has no format specifications. -#}
    {%- set digits = number | int | abs | string %}
    {%- set groups = [] %}
    {%- for end in range(digits | length, 0, -3) %}
        {%- do groups.insert(0, digits[[end - 3, 0] | max:end]) %}
    {%- endfor %}
    {%- do return(('-' if number < 0 else '') ~ groups | join(',')) %}
{%- endmacro %}


{% macro _readable_bytes(bytes) %}
    {%- if bytes is none %}
        {%- do return('-') %}
    {%- elif bytes >= 1073741824 %}
        {%- do return('%.1f GiB' | format(bytes / 1073741824)) %}
    {%- elif bytes >= 1048576 %}
        {%- do return('%.1f MiB' | format(bytes / 1048576)) %}
    {%- elif bytes >= 1024 %}
        {%- do return('%.1f KiB' | format(bytes / 1024)) %}
    {%- endif %}
    {%- do return(bytes ~ ' B') %}
{%- endmacro %}
