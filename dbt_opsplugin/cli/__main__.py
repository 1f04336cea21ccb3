from dbt_opsplugin.cli import main

main()
